public import UnixTool

/// A file of MARKET arguments: one a line, `#` begins a comment, blank lines do not count.
public enum MarketsFile {
    public static func read(_ path: String) throws(ToolFailure) -> [String] {
        guard let text = try TextFile.read(path) else {
            throw ToolFailure(.noInput, "\(path) does not exist; check --markets-file")
        }
        var markets: [String] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard words.count <= 1 else {
                throw ToolFailure(.usage, "\(path):\(index + 1) has \(words.count) words; give one MARKET a line, comments behind #")
            }
            markets += words.map(String.init)
        }
        return markets
    }
}

public import UnixTool

/// A file of MARKET arguments: one a line, `#` begins a comment, blank lines do not count.
public enum MarketsFile {
    public static func read(_ path: String) throws(ToolFailure) -> [String] {
        guard let text = try TextFile.read(path) else {
            throw ToolFailure(.noInput, "\(path) does not exist; check --markets-file")
        }
        return text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            return words.first.map(String.init)
        }
    }
}

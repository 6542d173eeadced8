import JSON
import UnixTool

/// The values of one link as its file has them; every fault names the place and the fix.
struct LinkRow {
    let path: String
    /// Counted from 1.
    let line: Int
    /// By column.
    let values: [String: String]

    func failure(_ message: String) -> ToolFailure {
        ToolFailure(.configuration, "\(path):\(line): \(message)")
    }

    func text(_ column: String) throws(ToolFailure) -> String {
        guard let value = values[column] else {
            throw failure("\(column) is missing; a link has \(Link.columns.joined(separator: ", "))")
        }
        guard let first = value.first, let last = value.last else {
            throw failure("\(column) is empty; fill it or take the link out")
        }
        // It would be another instrument, one that nobody ever sees.
        guard !first.isWhitespace, !last.isWhitespace else { throw failure("\(column) is '\(value)'; take the blanks around it away") }
        return value
    }

    /// One of the words of an enumeration.
    func word<Word: RawRepresentable<String> & CaseIterable>(_ column: String) throws(ToolFailure) -> Word {
        let text = try text(column)
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue)
            let nearest = NearestWord.of(text, among: words) ?? ""
            throw failure("\(column) is '\(text)'; did you mean '\(nearest)'? Give \(words.joined(separator: " or "))")
        }
        return word
    }

    /// A decimal from 0 to 1 in millionths.
    func confidence() throws(ToolFailure) -> Int64 {
        var text = try text("confidence")
        let millionths = text.withUTF8 { bytes in
            bytes.baseAddress.flatMap { try? Decimal6.parse(JSONText(base: $0, count: bytes.count)) }
        }
        guard let millionths, (0...Decimal6.one).contains(millionths) else {
            throw failure("confidence is '\(text)'; give a decimal from 0 to 1, such as 0.98")
        }
        return millionths
    }

    /// Refuses a column or key that links do not have.
    static func checkColumn(_ name: String, path: String, line: Int) throws(ToolFailure) {
        guard !Link.columns.contains(name), name != Link.noteColumn else { return }
        let nearest = NearestWord.of(name, among: Link.columns + [Link.noteColumn]) ?? ""
        throw ToolFailure(
            .configuration,
            "\(path):\(line): a link has no '\(name)'; did you mean '\(nearest)'? It has \(Link.columns.joined(separator: ", "))")
    }
}

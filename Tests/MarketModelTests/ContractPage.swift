import Glibc

/// The tables of `docs/market-event.md`, as they stand there: the page is the contract, the code follows it.
enum ContractPage {
    static let text: String = {
        let path = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/docs/market-event.md"
        guard let file = fopen(path, "r") else { fatalError("\(path) is not there") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }()

    /// The cells of the rows of the table under a heading.
    static func table(_ heading: String) -> [[String]] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let start = lines.firstIndex(of: heading) else { return [] }
        let section = lines[(start + 1)...].prefix { !$0.hasPrefix("#") }
        return section.filter { $0.hasPrefix("|") }.dropFirst(2).map { row in
            row.split(separator: "|").map { cell in
                String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
        }
    }

    /// The words in backticks of a cell.
    static func words(_ cell: String) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    /// The keys of the envelope, in order.
    static var envelope: [String] { table("## Envelope").flatMap { words($0[0]) } }

    /// The types, and the keys of each after the envelope.
    static var types: [(name: String, keys: [String])] {
        table("## Types").flatMap { row in
            let keys = row[1].hasPrefix("`") ? words(row[1])[0].split(separator: ",").map { $0.drop { $0 == " " } } : []
            return words(row[0]).map { (name: $0, keys: keys.map(String.init)) }
        }
    }

    /// The lines of the section with examples.
    static var examples: [String] {
        let lines = text.split(separator: "\n").map(String.init)
        guard let start = lines.firstIndex(of: "## Examples") else { return [] }
        return lines[start...].filter { $0.hasPrefix("{") }
    }
}

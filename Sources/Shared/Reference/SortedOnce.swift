import UnixTool

/// One order for rows, whatever order a database gave them: rising bytes of their keys.
enum SortedOnce {
    static func sorted<Row>(_ rows: [Row], _ key: (Row) -> [String]) -> [Row] {
        rows.map { (row: $0, key: bytes(key($0))) }.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.row)
    }

    /// The same for keys that may stand once only.
    static func unique<Row>(_ rows: [Row], _ key: (Row) -> [String], _ fault: (Row) -> String) throws(ToolFailure) -> [Row] {
        let keyed = rows.map { (row: $0, key: bytes(key($0))) }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        for (one, next) in zip(keyed, keyed.dropFirst()) where one.key == next.key {
            throw ToolFailure(.configuration, fault(next.row))
        }
        return keyed.map(\.row)
    }

    /// Texts with an end that stands before any of their bytes; those that hold it themselves are doubled there.
    private static func bytes(_ texts: [String]) -> [UInt8] {
        texts.flatMap { text in text.utf8.flatMap { $0 == 0 ? [0, 1] : [$0] } + [0, 0] }
    }

    /// A length with leading zeros.
    static func padded(_ micros: Int64) -> String {
        let digits = String(micros)
        return String(repeating: "0", count: max(19 - digits.count, 0)) + digits
    }
}

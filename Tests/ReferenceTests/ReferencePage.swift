import TestSupport

/// The statements of `docs/reference.md`, as they stand there: what the page says is what is run.
enum ReferencePage {
    private static func text() throws -> String {
        let path = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/docs/reference.md"
        guard let bytes = TemporaryFolder.read(path: path) else { throw TestFault("\(path) is not there") }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The SQL under a heading.
    static func sql(_ heading: String) throws -> String {
        let lines = try text().split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(of: Substring(heading)) else { throw TestFault("no \(heading) in the page") }
        let section = lines[(start + 1)...].drop { $0 != "```sql" }.dropFirst().prefix { $0 != "```" }
        return section.joined(separator: "\n")
    }
}

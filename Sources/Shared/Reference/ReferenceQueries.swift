public import TOML
public import UnixTool

/// Which of the queries are wanted, and the statements that take the place of the defaults.
public struct ReferenceQueries: Equatable, Sendable {
    /// Only these are run, so a database needs no tables for the others.
    public let wanted: Set<ReferenceQuery>
    private let statements: [ReferenceQuery: String]

    public init(wanted: Set<ReferenceQuery>, statements: [ReferenceQuery: String] = [:]) {
        self.wanted = wanted
        self.statements = statements
    }

    /// - Parameters:
    ///   - table: `[database.queries]` of the settings file; nil where there is none.
    ///   - path: The file, for messages.
    public init(wanted: Set<ReferenceQuery>, table: TOMLTable?, path: String) throws(ToolFailure) {
        var statements: [ReferenceQuery: String] = [:]
        let words = ReferenceQuery.allCases.map(\.rawValue)
        for (key, value) in table?.entries ?? [] {
            guard let query = ReferenceQuery(rawValue: key) else {
                let nearest = NearestWord.of(key, among: words) ?? ""
                throw ToolFailure(
                    .configuration,
                    "\(path):\(value.line): there is no query '\(key)'; did you mean '\(nearest)'? [database.queries] takes "
                        + words.joined(separator: ", "))
            }
            guard case .string(let sql) = value.content, sql.contains(where: { !$0.isWhitespace }) else {
                throw ToolFailure(
                    .configuration,
                    "\(path):\(value.line): \(key) is no statement; give one SELECT in quotes that gives the columns "
                        + query.columns.joined(separator: ", "))
            }
            statements[query] = sql
        }
        self.init(wanted: wanted, statements: statements)
    }

    /// The statement that is run.
    func sql(_ query: ReferenceQuery, windowMicrosMax: Int64) -> String {
        statements[query] ?? query.defaultSQL(windowMicrosMax: windowMicrosMax)
    }
}

/// What the help of a tool ends with.
public struct ToolHelp: Sendable {
    public let name: String
    /// Variables beside those that follow from the flags' names.
    public let environment: [(name: String, meaning: String)]
    public let statuses: [ExitStatus]
    public let examples: [(command: String, meaning: String)]

    public init(
        name: String, environment: [(name: String, meaning: String)] = [], statuses: [ExitStatus],
        examples: [(command: String, meaning: String)]
    ) {
        self.name = name
        self.environment = environment
        self.statuses = statuses
        self.examples = examples
    }

    /// ENVIRONMENT, EXIT STATUS and EXAMPLES.
    var footer: String {
        let prefix = String(name.uppercased().map { $0 == "-" ? "_" : $0 })
        var text = "\nENVIRONMENT:\n"
        let variables =
            environment + [
                ("\(prefix)_…, MKT_…", "any option: --log-level is \(prefix)_LOG_LEVEL or MKT_LOG_LEVEL"),
                ("MKT_CONFIG", "the settings file"),
            ]
        text += ToolHelp.table(variables.map { ($0.name, $0.meaning) })
        text += "\nEXIT STATUS:\n"
        text += ToolHelp.table(statuses.map { ("\($0.rawValue)", $0.meaning) } + [("130, 143", "ended by a second signal")])
        text += "\nEXAMPLES:\n"
        for example in examples { text += "  \(example.command)\n      \(example.meaning)\n" }
        return text
    }

    private static func table(_ rows: [(String, String)]) -> String {
        let width = max(rows.map(\.0.count).max() ?? 0, 8)
        return rows.map { "  \($0)\(String(repeating: " ", count: width - $0.count))  \($1)\n" }.joined()
    }
}

import TOML
import UnixTool

/// The tables that rules are made of, kept so that rules can be made again when a database says their keys another way.
struct RuleSource: Sendable {
    /// What a database says of a rule: its keys take the place of the file's, and those of `--set` theirs.
    struct Parameter: Sendable {
        let rule: String
        let key: String
        let value: String
    }

    private let table: TOMLTable?
    private let path: String?
    private let typed: [TypedValues]

    init(table: TOMLTable?, path: String?, typed: [TypedValues] = []) {
        self.table = table
        self.path = path
        self.typed = typed
    }

    /// The rules of a file that holds nothing else.
    init(path: String, typed: [TypedValues]) throws(ToolFailure) {
        guard let text = try TextFile.read(path) else {
            throw ToolFailure(.configuration, "rules file \(path) does not exist; check --rules")
        }
        self.init(table: try RuleFile.table(text, path: path), path: path, typed: typed)
    }

    /// The names of the tables that ask a database for their keys.
    var askingRules: Set<String> {
        Set(table?.entries.filter { $0.value.table?["parameters"] != nil }.map(\.key) ?? [])
    }

    func rules(_ parameters: [Parameter] = []) throws(ToolFailure) -> RuleSet {
        try RuleFile.rules(of: table, path: path, typed, parameters)
    }
}

public import TOML

/// The settings file: keys at the top for all tools, a table for each tool, and tables that are no settings.
public struct SettingsFile: Sendable {
    /// Tables that hold something else than settings of one tool.
    private static let otherTables: Set<String> = ["rules", "links", "database"]
    private static let tools: Set<String> = ["pm-feed", "kalshi-feed", "mkt-merge", "mkt-decide", "mkt-sink"]

    public let path: String
    public let root: TOMLTable

    /// Reads a file that must be there.
    public init(path: String) throws(ToolFailure) {
        guard let text = try TextFile.read(path) else {
            throw ToolFailure(.configuration, "settings file \(path) does not exist; check --config and $MKT_CONFIG")
        }
        self.path = path
        do {
            root = try TOMLDocument.parse(text)
        } catch {
            throw ToolFailure(.configuration, "\(path):\(error.line): not TOML: \(error.reason)")
        }
    }

    /// The file that applies: the flag's, `$MKT_CONFIG`, `./mkt.toml`, `$XDG_CONFIG_HOME/mkt/mkt.toml`; nil if there is none.
    public static func find(flag: String?, environment: [String: String]) throws(ToolFailure) -> SettingsFile? {
        if let named = flag ?? environment["MKT_CONFIG"], !named.isEmpty { return try SettingsFile(path: named) }
        let named = environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        let home = named ?? environment["HOME"].map { $0 + "/.config" }
        for path in ["mkt.toml", home.map { $0 + "/mkt/mkt.toml" }].compactMap({ $0 }) {
            if try TextFile.read(path) != nil { return try SettingsFile(path: path) }
        }
        return nil
    }

    /// A value and its place (`mkt.toml:12`), from the tool's table or else from the top.
    func value(_ key: String, tool: String) -> (TOMLValue, place: String)? {
        let value = root[tool]?.table?[key] ?? root[key].flatMap { $0.table == nil ? $0 : nil }
        return value.map { ($0, "\(path):\($0.line)") }
    }

    func checkUnknownKeys(tool: String, known: Set<String>) throws(ToolFailure) {
        for (key, value) in root[tool]?.table?.entries ?? [] where !known.contains(key) {
            throw ToolFailure(.configuration, "\(path):\(value.line): \(tool) has no setting '\(key)'; see \(tool) --help")
        }
        for (key, value) in root.entries where value.table != nil {
            guard SettingsFile.otherTables.contains(key) || SettingsFile.tools.contains(key) else {
                throw ToolFailure(.configuration, "\(path):\(value.line): there is no tool '\(key)'; check the table's name")
            }
        }
    }
}

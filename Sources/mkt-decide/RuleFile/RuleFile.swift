import TOML
import UnixTool

/// Where rules come from: a file of their own, or the settings file.
enum RuleFile {
    /// The rules of a file that holds nothing but `[rules.NAME]` tables.
    static func read(_ path: String) throws(ToolFailure) -> RuleSet {
        guard let text = try TextFile.read(path) else {
            throw ToolFailure(.configuration, "rules file \(path) does not exist; check --rules")
        }
        return try parse(text, path: path)
    }

    static func parse(_ text: String, path: String) throws(ToolFailure) -> RuleSet {
        let root: TOMLTable
        do {
            root = try TOMLDocument.parse(text)
        } catch {
            throw ToolFailure(.configuration, "\(path):\(error.line): not TOML: \(error.reason)")
        }
        for (key, value) in root.entries where key != "rules" {
            throw ToolFailure(
                .configuration,
                "\(path):\(value.line): a rules file holds only [rules.NAME] tables, not '\(key)'; "
                    + "rename it to [rules.\(key)] or move it to the settings file")
        }
        if let value = root["rules"], value.table == nil {
            throw ToolFailure(.configuration, "\(path):\(value.line): rules is \(value.kindName); write [rules.NAME] tables")
        }
        return try rules(of: root["rules"]?.table, path: path)
    }

    /// The rules of a `rules` table; `path` is the file in which it stands, nil if there is no settings file.
    static func rules(of table: TOMLTable?, path: String?) throws(ToolFailure) -> RuleSet {
        guard let table, !table.entries.isEmpty else {
            let place = path.map { "\($0) has no [rules.NAME] table" } ?? "there is no settings file"
            throw ToolFailure(
                .configuration, "no rules: \(place); give --rules FILE with tables such as [rules.wide] (docs/strategies.md)")
        }
        let path = path ?? "settings"
        var rules: [Rule] = []
        for (name, value) in table.entries {
            guard let keys = value.table else {
                throw ToolFailure(
                    .configuration, "\(path):\(value.line): rules.\(name) is \(value.kindName); write a table [rules.\(name)]")
            }
            var reader = RuleReader(rule: name, table: keys, path: path, line: value.line)
            rules.append(try Rule(&reader))
        }
        return RuleSet(rules)
    }
}

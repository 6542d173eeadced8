import TOML
import UnixTool

/// Where rules come from: a file of their own, or the settings file.
enum RuleFile {
    /// The rules of a file that holds nothing but `[rules.NAME]` tables.
    static func parse(_ text: String, path: String, _ typed: [TypedValues] = []) throws(ToolFailure) -> RuleSet {
        try rules(of: try table(text, path: path), path: path, typed)
    }

    /// The `rules` table of such a file.
    static func table(_ text: String, path: String) throws(ToolFailure) -> TOMLTable? {
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
        return root["rules"]?.table
    }

    /// The rules of a `rules` table; `path` is the file in which it stands, nil if there is no settings file.
    ///
    /// - Parameters:
    ///   - typed: What `--set` says, in its order. A rule with several values of a key becomes one rule for each.
    ///   - parameters: What a database says, for rules that ask for it.
    static func rules(
        of table: TOMLTable?, path: String?, _ typed: [TypedValues] = [], _ parameters: [RuleSource.Parameter] = []
    ) throws(ToolFailure) -> RuleSet {
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
            for variant in RuleVariant.all(of: name, typed) {
                var reader = RuleReader(
                    rule: name, variant: variant.suffix, table: keys, path: path, line: value.line, typed: variant.values,
                    parameters: parameters.filter { $0.rule == name })
                rules.append(try Rule(&reader))
            }
        }
        try checkTyped(typed, names: table.entries.map(\.key))
        return RuleSet(rules)
    }

    private static func checkTyped(_ typed: [TypedValues], names: [String]) throws(ToolFailure) {
        for values in typed where !names.contains(values.rule) {
            let nearest = NearestWord.of(values.rule, among: names) ?? ""
            throw ToolFailure(.usage, "--set: there is no rule '\(values.rule)'; did you mean '\(nearest)'?")
        }
    }
}

import JSON
import TOML
import UnixTool

/// What one `--set` says: `rules.NAME.KEY=VALUE`, or several values with commas between them, each for a rule of its own.
struct TypedValues: Equatable {
    let rule: String
    let key: String
    /// As typed; at least one, none of them twice.
    let values: [String]

    /// So many rules may come of one table: more would be a slip of the keyboard.
    static let variantsMax = 1000

    private static let expectation = "rules.NAME.KEY=VALUE, or VALUE,VALUE,… for one variant each, such as rules.xv.min_edge=0.01,0.02"

    /// Reads all of a command line; each fault names the one that is wrong.
    static func parse(_ texts: [String]) throws(ToolFailure) -> [TypedValues] {
        var all: [TypedValues] = []
        for text in texts {
            let typed = try TypedValues(text)
            guard !all.contains(where: { $0.rule == typed.rule && $0.key == typed.key }) else {
                throw ToolFailure(.usage, "--set says rules.\(typed.rule).\(typed.key) twice; put all its values into one, with commas")
            }
            all.append(typed)
        }
        for rule in Set(all.map(\.rule)) {
            // Counted with an eye on overflow: every factor is at most as long as a command line.
            let count = all.filter { $0.rule == rule }.reduce(1) { min($0 * $1.values.count, variantsMax + 1) }
            guard count <= variantsMax else {
                throw ToolFailure(.usage, "--set makes more than \(variantsMax) variants of rule '\(rule)'; give fewer values")
            }
        }
        return all
    }

    private init(_ text: String) throws(ToolFailure) {
        let wrong = ToolFailure(.usage, "--set is '\(text)'; give \(TypedValues.expectation)")
        guard let sign = text.firstIndex(of: "=") else { throw wrong }
        let path = text[..<sign].split(separator: ".", omittingEmptySubsequences: false)
        guard path.count == 3, path[0] == "rules", !path[1].isEmpty, !path[2].isEmpty else { throw wrong }
        rule = String(path[1])
        key = String(path[2])
        values = text[text.index(after: sign)...].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard values.allSatisfy({ !$0.isEmpty }) else { throw wrong }
        guard Set(values).count == values.count else {
            throw ToolFailure(.usage, "--set rules.\(rule).\(key) says a value twice; take one out")
        }
        guard !["strategy", "exec"].contains(key) else {
            throw ToolFailure(.usage, "--set cannot change the \(key) of rule '\(rule)'; write another rule")
        }
    }
}

/// One rule of a table: the values that `--set` says for it.
struct RuleVariant {
    /// In the order in which they were typed.
    var values: [(key: String, value: TOMLValue)] = []
    /// Behind the rule's name; empty if there is no other variant.
    var suffix = ""

    /// Every combination of the values for a rule; one without any where `--set` does not speak of it.
    static func all(of rule: String, _ typed: [TypedValues]) -> [RuleVariant] {
        var variants = [(variant: RuleVariant(), told: [String]())]
        for one in typed where one.rule == rule {
            variants = variants.flatMap { variant, told in
                one.values.map { text in
                    var next = variant
                    next.values.append((key: one.key, value: value(text)))
                    return (variant: next, told: one.values.count > 1 ? told + ["\(one.key)=\(text)"] : told)
                }
            }
        }
        return variants.map { variant, told in
            var variant = variant
            variant.suffix = told.isEmpty ? "" : "[\(told.joined(separator: ","))]"
            return variant
        }
    }

    /// What was typed as TOML would read it bare, or as a text where it would not.
    static func value(_ text: String) -> TOMLValue {
        if text == "true" || text == "false" { return TOMLValue(.bool(text == "true"), line: 0) }
        if let integer = Int64(text) { return TOMLValue(.integer(integer), line: 0) }
        var text = text
        let isDecimal = text.withUTF8 { bytes in
            bytes.baseAddress.map { (try? Decimal6.parse(JSONText(base: $0, count: bytes.count))) != nil } ?? false
        }
        return TOMLValue(isDecimal ? .decimal(text) : .string(text), line: 0)
    }
}

import JSON
import TOML
import UnixTool

/// Reads the keys of one `[rules.NAME]` table; every fault names the place and the fix.
struct RuleReader {
    let rule: String
    /// What tells the rule from others that stand in the same table; empty where it stands alone.
    let variant: String
    private let table: TOMLTable
    private let path: String
    private let line: Int
    /// The keys that `--set` has said.
    private let typedKeys: Set<String>
    /// The keys that a database has said.
    private let parameterKeys: Set<String>
    /// The keys that were asked for, so that any other is found to be misspelt.
    private var known: [String] = []

    /// - Parameters:
    ///   - typed: What `--set` says of the rule, in its order; it takes the place of what all others say.
    ///   - parameters: What a database says of the rule; it counts only if the table has `parameters = "database"`.
    init(
        rule: String, variant: String = "", table: TOMLTable, path: String, line: Int, typed: [(key: String, value: TOMLValue)] = [],
        parameters: [RuleSource.Parameter] = []
    ) {
        self.rule = rule
        self.variant = variant
        let isAsking = table["parameters"] != nil
        let told = isAsking ? parameters.reduce(table) { $0.setting($1.key, to: RuleVariant.value($1.value)) } : table
        self.table = typed.reduce(told) { $0.setting($1.key, to: $1.value) }
        self.path = path
        self.line = line
        typedKeys = Set(typed.map(\.key))
        parameterKeys = isAsking ? Set(parameters.map(\.key)) : []
    }

    /// A failure at a key, or at the head of the rule.
    func failure(at key: String? = nil, _ message: String) -> ToolFailure {
        if let key, typedKeys.contains(key) { return ToolFailure(.usage, "--set rules.\(rule).\(key): \(message)") }
        if let key, parameterKeys.contains(key) {
            return ToolFailure(.configuration, "parameter '\(key)' of rule '\(rule)' in the database: \(message)")
        }
        let place = key.flatMap { table[$0]?.line } ?? line
        return ToolFailure(.configuration, "\(path):\(place): rule '\(rule)': \(message)")
    }

    /// Where a key stands, for faults that are found later: `rules.toml:2: rule 'mine'`.
    func place(of key: String) -> String { "\(path):\(table[key]?.line ?? line): rule '\(rule)'" }

    private mutating func value(_ key: String) -> TOMLValue? {
        known.append(key)
        return table[key]
    }

    private func wrong(_ key: String, _ value: TOMLValue, _ expectation: String) -> ToolFailure {
        let said = value.plainText.map { "'\($0)'" } ?? value.kindName
        return failure(at: key, "\(key) is \(said); give \(expectation)")
    }

    /// A text that is not empty; nil where the key is not said.
    mutating func text(_ key: String, expectation: String) throws(ToolFailure) -> String? {
        guard let value = value(key) else { return nil }
        guard case .string(let text) = value.content, !text.isEmpty else { throw wrong(key, value, expectation) }
        return text
    }

    /// A text, or an array of them; in rising order and each once. Empty where the key is not said.
    mutating func texts(_ key: String) throws(ToolFailure) -> [String] {
        guard let value = value(key) else { return [] }
        let expectation = "a text in quotes, or an array of such texts"
        var texts: Set<String> = []
        for element in value.array ?? [value] {
            guard case .string(let text) = element.content, !text.isEmpty else { throw wrong(key, element, expectation) }
            texts.insert(text)
        }
        guard !texts.isEmpty else { throw failure(at: key, "\(key) is an empty array, which matches nothing; leave it out or fill it") }
        return texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Texts that are not empty, at least one, in their order.
    mutating func words(_ key: String, expectation: String) throws(ToolFailure) -> [String] {
        guard let value = value(key) else { throw failure("\(key) is missing; give \(expectation)") }
        var words: [String] = []
        for element in value.array ?? [] {
            guard case .string(let text) = element.content, !text.utf8.contains(0), !text.isEmpty || !words.isEmpty else {
                throw wrong(key, element, expectation)
            }
            words.append(text)
        }
        guard !words.isEmpty else { throw wrong(key, value, expectation) }
        return words
    }

    /// Whether the rule says the key at all.
    func has(_ key: String) -> Bool { table[key] != nil }

    /// Whether the rule asks a database for its keys.
    mutating func usesParameters() throws(ToolFailure) -> Bool {
        guard let value = value("parameters") else { return false }
        guard case .string("database") = value.content else { throw wrong("parameters", value, "\"database\", or leave it out") }
        for key in RuleReader.fixedKeys where parameterKeys.contains(key) {
            throw failure(at: key, "a database cannot say it; take the row away, or write another rule")
        }
        return true
    }

    /// What makes a rule the rule that it is, and where it looks: these stay as long as the tool runs.
    private static let fixedKeys = [
        "strategy", "exec", "parameters", "action", "venue", "market", "instrument", "label", "events", "through_links", "reference",
        "on_slow", "patience",
    ]

    /// True or false; nil where the key is not said.
    mutating func bool(_ key: String) throws(ToolFailure) -> Bool? {
        guard let value = value(key) else { return nil }
        guard case .bool(let answer) = value.content else { throw wrong(key, value, "true or false") }
        return answer
    }

    /// A decimal in millionths, as a number or in quotes; nil where the key is not said.
    mutating func decimal(_ key: String, in range: ClosedRange<Int64>, expectation: String) throws(ToolFailure) -> Int64? {
        guard let value = value(key) else { return nil }
        var text = value.number ?? ""
        if case .string(let quoted) = value.content { text = quoted }
        // TOML allows a sign that JSON does not.
        if text.hasPrefix("+") { text.removeFirst() }
        guard let millionths = RuleReader.millionths(text), range.contains(millionths) else {
            throw wrong(key, value, expectation)
        }
        return millionths
    }

    mutating func requireDecimal(_ key: String, in range: ClosedRange<Int64>, expectation: String) throws(ToolFailure) -> Int64 {
        guard let millionths = try decimal(key, in: range, expectation: expectation) else {
            throw failure("\(key) is missing; give \(expectation)")
        }
        return millionths
    }

    /// A span of time in microseconds; nil where the key is not said.
    mutating func span(_ key: String, least: Int64) throws(ToolFailure) -> Int64? {
        guard let value = value(key) else { return nil }
        guard let text = value.plainText, let micros = Durations.micros(text), micros >= least else {
            throw wrong(key, value, least > 0 ? "a span of time above 0, such as \"250ms\", \"10s\" or \"15m\"" : Durations.expectation)
        }
        return micros
    }

    mutating func requireSpan(_ key: String, least: Int64) throws(ToolFailure) -> Int64 {
        guard let micros = try span(key, least: least) else {
            throw failure("\(key) is missing; give a span of time above 0, such as \"10s\"")
        }
        return micros
    }

    /// A whole number that must be there.
    mutating func requireCount(_ key: String, in range: ClosedRange<Int64>) throws(ToolFailure) -> Int64 {
        let expectation = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let value = value(key) else { throw failure("\(key) is missing; give \(expectation)") }
        guard case .integer(let count) = value.content, range.contains(count) else { throw wrong(key, value, expectation) }
        return count
    }

    /// The entries of a table in the rule; nil where the key is not said.
    mutating func entries(_ key: String, expectation: String) throws(ToolFailure) -> [(key: String, value: TOMLValue)]? {
        guard let value = value(key) else { return nil }
        guard let table = value.table else { throw wrong(key, value, expectation) }
        return table.entries
    }

    /// Refuses keys that nobody asked for.
    func checkUnknownKeys(strategy: String) throws(ToolFailure) {
        for (key, _) in table.entries where !known.contains(key) {
            let nearest = NearestWord.of(key, among: known) ?? ""
            throw failure(
                at: key,
                "strategy \(strategy) has no key '\(key)'; did you mean '\(nearest)'? It takes \(known.joined(separator: ", "))")
        }
    }

    private static func millionths(_ text: String) -> Int64? {
        var text = text
        return text.withUTF8 { bytes in
            bytes.baseAddress.flatMap { try? Decimal6.parse(JSONText(base: $0, count: bytes.count)) }
        }
    }
}

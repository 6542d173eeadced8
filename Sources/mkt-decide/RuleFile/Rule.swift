import JSON
import MarketModel
import OpenSSL
import UnixTool

/// A rule as it runs: where it looks, what it looks for, and what it does then. One object for all instruments, so that it stays near.
final class Rule: Sendable {
    /// What a decision asks for. `trade` is for strategies that compute a trade.
    enum Action: String, Sendable {
        case signal, alert, trade

        /// As a decision spells it.
        var word: StaticString {
            switch self {
            case .signal: "signal"
            case .alert: "alert"
            case .trade: "trade"
            }
        }
    }

    /// With what tells it from other variants, if there are any: `xv[min_edge=0.01]`.
    let name: String
    let action: Action
    let scope: RuleScope
    /// 0: every time.
    let cooldownMicros: Int64
    let strategy: any Strategy
    /// Whether a database may say its keys another way.
    let usesParameters: Bool
    /// One spelling of all that the rule says, defaults included: the same rule always gives the same text.
    let canonicalText: String
    /// What tells the rule in every decision: `,"rule":"wide","strategy":"spread"`.
    let names: [UInt8]
    /// What the identity of every decision begins with: `canonicalText` and a newline.
    let identity: SHA256State
    /// Whether it cannot run without a database.
    let usesDatabase: Bool
    /// Whether it is about several instruments. Asked at the first sight of each, where a cast would cost more than the rest.
    let isAboutGroups: Bool

    init(_ reader: inout RuleReader) throws(ToolFailure) {
        name = reader.rule + reader.variant
        guard Rule.isName(reader.rule) else {
            throw reader.failure("a rule's name has only letters, digits, '_' and '-'; rename it")
        }
        let type = try Rule.strategy(&reader)
        action = try Rule.action(&reader, strategy: type)
        scope = try RuleScope(&reader)
        cooldownMicros = try reader.span("cooldown", least: 0) ?? 0
        usesParameters = try reader.usesParameters()
        strategy = try type.init(&reader)
        try reader.checkUnknownKeys(strategy: type.name)
        canonicalText = Rule.canonicalText(name, action, scope, cooldownMicros, strategy)
        var names = ByteBuffer(capacity: 64)
        names.append(.rule, string: name)
        names.append(.strategy, string: type.name)
        self.names = Array(names.bytes)
        var identity = SHA256State()
        var text = canonicalText + "\n"
        text.withUTF8 { identity.update($0) }
        self.identity = identity
        isAboutGroups = strategy is any GroupStrategy
        usesDatabase = usesParameters || strategy.valueName != nil || strategy.historyMicros != nil
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
    }

    private static func strategy(_ reader: inout RuleReader) throws(ToolFailure) -> any Strategy.Type {
        if reader.has("exec") {
            guard !reader.has("strategy") else {
                throw reader.failure(at: "exec", "a rule has a strategy or a program, not both; take strategy or exec out")
            }
            return ExternalStrategy.self
        }
        let names = StrategyRegistry.names
        let expectation = "one of " + names.map { "\"\($0)\"" }.joined(separator: ", ")
        guard let name = try reader.text("strategy", expectation: expectation) else {
            throw reader.failure("strategy is missing; give \(expectation)")
        }
        guard let type = StrategyRegistry.type(named: name) else {
            let nearest = NearestWord.of(name, among: names) ?? ""
            throw reader.failure(at: "strategy", "there is no strategy '\(name)'; did you mean '\(nearest)'? Give \(expectation)")
        }
        return type
    }

    private static func action(_ reader: inout RuleReader, strategy: any Strategy.Type) throws(ToolFailure) -> Action {
        let expectation = strategy.computesTrades ? "\"signal\", \"alert\" or \"trade\"" : "\"signal\" or \"alert\""
        guard let word = try reader.text("action", expectation: expectation) else { return .signal }
        guard word != Action.trade.rawValue || strategy.computesTrades else {
            throw reader.failure(
                at: "action", "strategy \(strategy.name) computes no trade, so action cannot be 'trade'; give \(expectation)")
        }
        guard let action = Action(rawValue: word) else {
            throw reader.failure(at: "action", "action is '\(word)'; give \(expectation)")
        }
        return action
    }

    /// A JSON object with its keys in rising byte order.
    private static func canonicalText(
        _ name: String, _ action: Action, _ scope: RuleScope, _ cooldownMicros: Int64, _ strategy: any Strategy
    ) -> String {
        var values: [String: RuleValue] = strategy.values
        values["rule"] = .text(name)
        values["strategy"] = .text(type(of: strategy).name)
        values["action"] = .text(action.rawValue)
        values["cooldown_us"] = .integer(cooldownMicros)
        if !scope.venues.isEmpty { values["venue"] = .texts(scope.venues) }
        if !scope.markets.isEmpty { values["market"] = .texts(scope.markets) }
        if !scope.instruments.isEmpty { values["instrument"] = .texts(scope.instruments) }
        if let label = scope.label { values["label"] = .text(label.pattern) }
        return RuleValue.object(values)
    }

    /// For `--check`.
    var summary: String {
        let pause = cooldownMicros > 0 ? "; cooldown \(Durations.text(cooldownMicros))" : ""
        return "\(name): \(type(of: strategy).name), \(action.rawValue) when \(strategy.summary); \(scope.summary)\(pause)"
    }
}

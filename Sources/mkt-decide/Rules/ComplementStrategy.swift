import UnixTool

/// Fires when both outcomes of a market are asked for less than a dollar together, or bid for more, after fees.
struct ComplementStrategy: BasketStrategy {
    static let name = "complement"
    let limits: BasketLimits

    init(_ reader: inout RuleReader) throws(ToolFailure) { limits = try BasketLimits(&reader, needsHold: true) }

    var source: GroupSource { .complements }
    var values: [String: RuleValue] { limits.values }
    var summary: String { "both outcomes of a market earn \(limits.summary)" }
}

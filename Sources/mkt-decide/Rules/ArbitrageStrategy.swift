import UnixTool

/// Fires when two linked instruments pay a dollar together for less, after both venues' fees.
///
/// For the relation `same`: one's outcome and the opposite of the other, in both directions; for `inverse`: both outcomes, or both
/// opposites.
struct ArbitrageStrategy: BasketStrategy {
    static let name = "arbitrage"
    let limits: BasketLimits

    init(_ reader: inout RuleReader) throws(ToolFailure) { limits = try BasketLimits(&reader) }

    var source: GroupSource { .links }
    var values: [String: RuleValue] { limits.values }
    var summary: String { "two linked instruments earn \(limits.summary)" }
}

/// In which order rules stand in tables, and which of them the charts have room for.
struct RuleOrder {
    static let chartedMax = 8

    /// Rules by themselves: the best account first, then those without one by their decisions, then by name.
    private(set) var plain: [Int] = []
    /// Rules of sweeps, by the name before the bracket, in its order.
    private(set) var sweeps: [(base: String, members: [Int])] = []
    /// At most `chartedMax`: those with the largest profit or loss, then with the most decisions.
    let charted: [Int]

    init(_ rules: [RuleTally]) {
        let best = rules.indices.sorted { RuleOrder.precedes(rules[$0], rules[$1]) { $0.pnl } }
        var members: [String: [Int]] = [:]
        for rule in best {
            if let variant = VariantName(rules[rule].name) { members[variant.base, default: []].append(rule) } else { plain.append(rule) }
        }
        sweeps = members.map { (base: $0.key, members: $0.value) }.sorted { $0.base.utf8.lexicographicallyPrecedes($1.base.utf8) }
        charted = Array(
            rules.indices.sorted { RuleOrder.precedes(rules[$0], rules[$1]) { $0.pnl.map(abs) } }.prefix(RuleOrder.chartedMax))
    }

    private static func precedes(_ one: RuleTally, _ other: RuleTally, by value: (RuleTally) -> Int128?) -> Bool {
        let (mine, theirs) = (value(one), value(other))
        if mine != theirs { return (mine ?? .min) > (theirs ?? .min) }
        if one.decisions != other.decisions { return one.decisions > other.decisions }
        return one.name.utf8.lexicographicallyPrecedes(other.name.utf8)
    }
}

import MarketModel

/// What several rules come to together. A sum is nil where one of its parts is not known, or where there are none.
struct RuleSum {
    private(set) var decisions: Int64 = 0
    private(set) var trades: Int64 = 0
    private(set) var orders: Int64 = 0
    private(set) var asked: Int128 = 0
    private(set) var filled: Int128 = 0
    private(set) var shares: Int128 = 0
    private(set) var first: Timestamp?
    private(set) var last: Timestamp?
    private(set) var edgeMean: Int128?
    private(set) var edgeBest: Int128?
    let promised: Int128?
    let fees: Int128?
    let realized: Int128?
    let unrealized: Int128?
    let pnl: Int128?
    let positions: Int64?

    init(_ rules: [RuleTally]) {
        // All rules as one, for what is a sum or a mean over lines.
        var edges = RuleTally(name: "")
        for rule in rules {
            decisions += rule.decisions
            trades += rule.trades
            orders += rule.orders
            asked += rule.asked
            filled += rule.filled
            shares += rule.shares
            edges.edgeSum += rule.edgeSum
            edges.edgeCount += rule.edgeCount
            edgeBest = [edgeBest, rule.edgeBest].compactMap { $0 }.max()
            first = [first, rule.first].compactMap { $0 }.min()
            last = [last, rule.last].compactMap { $0 }.max()
        }
        edgeMean = edges.edgeMean
        let balances = rules.compactMap(\.balance)
        let promises = rules.compactMap(\.promised)
        promised = promises.isEmpty ? nil : promises.reduce(0, +)
        fees = RuleSum.sum(rules.filter { $0.balance != nil || $0.fills > 0 }.map(\.fees))
        realized = RuleSum.sum(balances.map(\.realized))
        unrealized = RuleSum.sum(balances.map(\.unrealized))
        pnl = RuleSum.sum(balances.map(\.pnl))
        positions = RuleSum.sum(balances.map { $0.positions.map { Int128($0) } }).flatMap { Int64(exactly: $0) }
    }

    private static func sum(_ parts: [Int128?]) -> Int128? {
        let known = parts.compactMap { $0 }
        return known.isEmpty || known.count < parts.count ? nil : known.reduce(0, +)
    }
}

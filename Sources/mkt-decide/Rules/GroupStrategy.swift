/// A strategy that looks at the books of several instruments at once.
///
/// What it says is only where the groups come from and how much it wants; the walk over the books is the same for all
/// (`BasketWalk`), and what is remembered of a group is kept by the router (`GroupWatch`).
protocol GroupStrategy: Strategy {
    var source: GroupSource { get }
    var limits: BasketLimits { get }
}

/// Where the groups of a rule come from.
enum GroupSource: Equatable, Sendable {
    /// The approved links, two instruments each.
    case links
    /// The two outcomes of a market.
    case complements
    /// The outcomes of events: their ids, and how many there are.
    case events([String: Int])
}

extension GroupStrategy {
    static var computesTrades: Bool { true }
}

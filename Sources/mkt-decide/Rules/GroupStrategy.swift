/// A strategy that looks at the books of several instruments at once.
///
/// What it says is only where the groups come from and what is looked for in them; what is remembered of a group is kept by the router
/// (`GroupWatch`).
protocol GroupStrategy: Strategy {
    var source: GroupSource { get }
    var task: GroupTask { get }
}

/// What is looked for in a group.
enum GroupTask: Sendable {
    /// Shares that pay more than they cost (`BasketWalk`).
    case baskets(BasketLimits)
    /// One instrument that has not followed the other.
    case laggard(StaleQuoteStrategy)

    var limits: BasketLimits? {
        guard case .baskets(let limits) = self else { return nil }
        return limits
    }
}

/// A strategy that looks for shares that pay more than they cost: all that it says is how much it wants.
protocol BasketStrategy: GroupStrategy {
    var limits: BasketLimits { get }
}

extension BasketStrategy {
    static var computesTrades: Bool { true }
    var task: GroupTask { .baskets(limits) }
}

/// Where the groups of a rule come from.
enum GroupSource: Equatable, Sendable {
    /// The approved links, two instruments each.
    case links
    /// The two outcomes of a market.
    case complements
    /// The outcomes of events: their ids, and how many there are.
    case events([String: Int])
    /// Every instrument of which it is known what a share pays; linked ones of other venues too if `throughLinks`.
    case settled(throughLinks: Bool)
}

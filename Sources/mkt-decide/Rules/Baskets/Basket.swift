/// A set of shares that pays one dollar a piece of the set, to be bought; or one that costs a dollar, to be sold.
struct Basket: Equatable, Sendable {
    /// What is done with one instrument of a group.
    enum Stake: Equatable, Sendable {
        /// Takes its asks.
        case buy
        /// Takes its bids at `p` and pays `1 - p` for the other outcome.
        case buyOpposite
        /// Takes its bids.
        case sell
    }

    /// By member of the group, in the order in which decisions tell them.
    var stakes: [Stake]

    /// Whether shares are bought for less than they pay; else they are sold for more than they cost.
    var isBuying: Bool { stakes.first != .sell }

    /// Both directions of a link.
    static func ofLink(isInverse: Bool) -> [Basket] {
        isInverse
            ? [Basket(stakes: [.buy, .buy]), Basket(stakes: [.buyOpposite, .buyOpposite])]
            : [Basket(stakes: [.buy, .buyOpposite]), Basket(stakes: [.buyOpposite, .buy])]
    }

    /// One instrument whose worth is known, bought or sold.
    static let ofOne = [Basket(stakes: [.buy]), Basket(stakes: [.sell])]

    /// All outcomes, of which exactly one pays.
    static func ofOutcomes(_ count: Int) -> [Basket] {
        [Basket(stakes: Array(repeating: .buy, count: count)), Basket(stakes: Array(repeating: .sell, count: count))]
    }
}

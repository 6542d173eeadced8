import MarketModel

/// What a decision about several instruments says of them.
enum GroupContent {
    /// A link that looks inverted: nothing is decided on it any more.
    case held
    case basket(Basket, BasketTotal)
    case laggard(LaggardQuote)

    var total: BasketTotal? {
        guard case .basket(_, let total) = self else { return nil }
        return total
    }
}

/// What stands still while a linked instrument has moved.
struct LaggardQuote {
    /// Of the instrument that stands still, among the two of the link.
    let place: Int
    /// Whether the move makes it cheap; else it is dear.
    let isCheap: Bool
    /// The best level on the side that is worth taking.
    let level: Level

    /// nil where nothing rests on that side, and so nothing is stale.
    init?(_ watch: LaggardWatch, movedPlace: Int, _ move: LaggardWatch.Move, in router: borrowing Router) {
        place = 1 - movedPlace
        let isUp = move.toDoubled > move.from.doubleMid
        isCheap = isUp == (watch.link?.relation != .inverse)
        let book = router.books[watch.books[place]].book
        guard let level = isCheap ? book.bestAsk : book.bestBid else { return nil }
        self.level = level
    }
}

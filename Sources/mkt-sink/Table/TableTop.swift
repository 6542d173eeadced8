import MarketModel

/// What is shown of a book: its best levels, or that nothing is known.
struct TableTop: Equatable {
    let isKnown: Bool
    let bid: Level?
    let ask: Level?

    /// nil is a book that is not known.
    init(_ book: OrderBook?) {
        isKnown = book != nil
        bid = book?.bestBid
        ask = book?.bestAsk
    }

    /// `ask - bid` in millionths; nil where a side is empty.
    var spreadMillionths: Int64? {
        guard let bid, let ask else { return nil }
        return ask.price.millionths - bid.price.millionths
    }
}

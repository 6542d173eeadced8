import MarketModel

/// A book line, as `because` names it.
struct BookMark: Equatable, Sendable {
    /// nil where the line tells no connection.
    var conn: Int64?
    var seq: Int64
    var received: Timestamp
}

/// Best bid and best ask of a known book. nil is an empty side.
struct BookTop: Equatable, Sendable {
    var bid: Price?
    var ask: Price?

    /// Best bid above best ask: such a book is never used for a signal.
    var isCrossed: Bool {
        guard let bid, let ask else { return false }
        return bid > ask
    }

    /// `ask - bid` in millionths; nil where a side is empty, negative where the book is crossed.
    var spreadMillionths: Int64? {
        guard let bid, let ask else { return nil }
        return ask.millionths - bid.millionths
    }

    /// `ask + bid` in millionths, which is twice the mid; nil where a side is empty or the book is crossed.
    var doubleMidMillionths: Int64? {
        guard let bid, let ask, bid <= ask else { return nil }
        return ask.millionths + bid.millionths
    }
}

/// A trade, as strategies see it.
struct TradeSight: Equatable, Sendable {
    var price: Price
    var size: Size
}

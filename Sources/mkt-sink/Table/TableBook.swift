import MarketModel

/// What one feed tells of one instrument's book, and whether it may be shown (`docs/market-event.md`).
struct TableBook {
    /// The place of the feed.
    let feed: Int
    private(set) var book = OrderBook()
    private var conn: Int64?
    private var seq: Int64 = 0
    /// The receive time of its last line.
    private(set) var received = Timestamp(micros: .min)

    init(feed: Int) { self.feed = feed }

    var isKnown: Bool { book.isKnown }

    /// Takes a snapshot: from here on the book is known.
    mutating func replace(_ decoder: borrowing EventDecoder, conn: Int64?, seq: Int64) {
        self.conn = conn
        self.seq = seq
        received = decoder.received
        book.replace(bidsBestFirst: decoder.bids, asksBestFirst: decoder.asks)
    }

    /// Takes a delta if it is the next line of a known book; after a hole the book is unknown.
    mutating func change(_ decoder: borrowing EventDecoder, conn: Int64?, seq: Int64) {
        guard isKnown else { return }
        guard seq == self.seq &+ 1, conn == self.conn else { return markUnknown() }
        self.seq = seq
        received = decoder.received
        for level in decoder.bids { book.set(.bid, level) }
        for level in decoder.asks { book.set(.ask, level) }
    }

    /// Nothing is shown of it before its next snapshot, so nothing is kept.
    mutating func markUnknown() { book.reset() }

    /// Whether a break of a connection (nil: of the whole feed) concerns it. One whose lines tell no connection may be of any.
    func isConcerned(byBreakOf conn: Int64?) -> Bool {
        conn == nil || self.conn == nil || self.conn == conn
    }
}

import MarketModel

/// What one feed tells of one instrument: its book, whether it may be used (`docs/market-event.md`), and the rules that look at it.
struct BookSlot {
    /// The number of the feed's name.
    let feed: Int
    /// The number of the instrument.
    let instrument: Int
    /// Whether any rule may ever look at the levels. If not they are not kept.
    let isFollowed: Bool
    var watches: [any BookWatch] = []
    /// A watch has come that may not have seen the book as it is.
    var hasNewWatch = false

    private var book = OrderBook()
    private(set) var isKnown = false
    private(set) var mark = BookMark(conn: nil, seq: 0, received: Timestamp(micros: 0))
    /// What the watches saw last.
    private var seenTop = BookTop()
    /// The watches have not seen the book since it was unknown.
    private var isFresh = true

    init(feed: Int, instrument: Int, isFollowed: Bool) {
        self.feed = feed
        self.instrument = instrument
        self.isFollowed = isFollowed
    }

    /// Takes a snapshot: from here on the book is known.
    ///
    /// One that does not follow the line before it, by number and connection, ends a break.
    mutating func replace(at mark: BookMark, bids: [Level], asks: [Level]) {
        if !isKnown || !follows(mark) { isFresh = true }
        self.mark = mark
        isKnown = true
        if isFollowed { isKnown = book.replace(bidsBestFirst: bids, asksBestFirst: asks) }
    }

    /// Takes a delta: the book is changed if it is known and the delta is the next line of it; after a hole it is unknown.
    mutating func change(at mark: BookMark, bids: [Level], asks: [Level]) {
        guard isKnown else { return }
        guard follows(mark) else { return markUnknown() }
        self.mark = mark
        guard isFollowed else { return }
        for level in bids { book.set(.bid, level) }
        for level in asks { book.set(.ask, level) }
    }

    private func follows(_ next: BookMark) -> Bool {
        next.seq == mark.seq &+ 1 && next.conn == mark.conn
    }

    /// Nobody may use the book before its next snapshot.
    mutating func markUnknown() { isKnown = false }

    /// Whether a break of a connection (nil: of the whole feed) concerns this book. One whose lines tell no connection may be of any.
    func isConcerned(byBreakOf conn: Int64?) -> Bool {
        conn == nil || mark.conn == nil || mark.conn == conn
    }

    /// What the watches have to look at now; nil where nothing that they look at has changed.
    mutating func takeSight() -> (sight: BookSight, isFresh: Bool)? {
        guard isKnown, !watches.isEmpty else { return nil }
        let top = BookTop(bid: book.bestBid?.price, ask: book.bestAsk?.price)
        guard isFresh || hasNewWatch || top != seenTop else { return nil }
        let wasFresh = isFresh
        isFresh = false
        hasNewWatch = false
        seenTop = top
        return (BookSight(top: top, mark: mark), wasFresh)
    }
}

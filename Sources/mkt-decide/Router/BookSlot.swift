import MarketModel

/// What one feed tells of one instrument: its book, whether it may be used (`docs/market-event.md`), and the rules that look at it.
struct BookSlot {
    /// The number of the feed's name.
    let feed: Int
    /// The number of the instrument.
    let instrument: Int
    /// Whether any rule may ever look at the levels. If not they are not kept.
    let isFollowed: Bool
    var watches: [any BookWatch] = [] {
        didSet { hasDeepWatch = watches.contains { $0.looksDeep } }
    }
    /// A watch looks at every line.
    private var hasDeepWatch = false
    /// A watch has come that may not have seen the book as it is.
    var hasNewWatch = false

    private(set) var book = OrderBook()
    private(set) var isKnown = false
    /// How often it was known and what was known of it came to an end.
    private(set) var breaks = 0
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
        if !isKnown || !follows(mark) {
            markUnknown()
            isFresh = true
        }
        self.mark = mark
        isKnown = true
        if isFollowed { isKnown = book.replace(bidsBestFirst: bids, asksBestFirst: asks) }
    }

    /// Takes a delta: the book is changed if it is known and the delta is the next line of it; after a hole it is unknown.
    ///
    /// False if the delta is left out.
    mutating func change(at mark: BookMark, bids: [Level], asks: [Level]) -> Bool {
        guard isKnown else { return false }
        guard follows(mark) else {
            markUnknown()
            return false
        }
        self.mark = mark
        guard isFollowed else { return true }
        for level in bids { book.set(.bid, level) }
        for level in asks { book.set(.ask, level) }
        return true
    }

    private func follows(_ next: BookMark) -> Bool {
        next.seq == mark.seq &+ 1 && next.conn == mark.conn
    }

    /// Nobody may use the book before its next snapshot.
    mutating func markUnknown() {
        if isKnown { breaks += 1 }
        isKnown = false
    }

    /// Whether a break of a connection (nil: of the whole feed) concerns this book. One whose lines tell no connection may be of any.
    func isConcerned(byBreakOf conn: Int64?) -> Bool {
        conn == nil || mark.conn == nil || mark.conn == conn
    }

    /// Best bid and best ask, whether it is known or not.
    var top: BookTop { BookTop(bid: book.bestBid?.price, ask: book.bestAsk?.price) }

    /// What the watches have to look at now; nil where nothing that any of them looks at has changed.
    mutating func takeSight() -> Sighting? {
        guard isKnown, !watches.isEmpty else { return nil }
        let top = top
        let isNew = isFresh || hasNewWatch || top != seenTop
        guard isNew || hasDeepWatch else { return nil }
        let wasFresh = isFresh
        isFresh = false
        hasNewWatch = false
        seenTop = top
        return Sighting(sight: BookSight(top: top, mark: mark), isFresh: wasFresh, isTopNew: isNew)
    }
}

/// A known book at one of its lines, and who has to look.
struct Sighting {
    let sight: BookSight
    /// The first one since the book was unknown.
    let isFresh: Bool
    /// Whether those look, too, who look at best bid and best ask only.
    let isTopNew: Bool
}

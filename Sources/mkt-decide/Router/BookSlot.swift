import MarketModel

/// What one feed tells of one instrument: its book, whether it may be used (`docs/market-event.md`), and the rules that look at it.
///
/// 128 bytes, two lines of the processor's cache: a line of the input touches little else than these and the levels that it changes.
struct BookSlot: ~Copyable {
    private(set) var mark = BookMark(conn: nil, seq: 0, received: Timestamp(micros: 0))
    private(set) var isKnown = false
    /// The watches have not seen the book since it was unknown.
    private var isFresh = true
    /// A watch has come that may not have seen the book as it is.
    private var hasNewWatch = false
    /// Whether any rule may ever look at the levels. If not they are not kept.
    let isFollowed: Bool
    private let feedNumber: Int32
    private let instrumentNumber: Int32
    private var breakCount: UInt32 = 0
    /// What the watches saw last.
    private var seenTop = PackedTop(BookTop())
    private(set) var memory: BookMemory
    private(set) var book = OrderBook()

    init(feed: Int, instrument: Int, isFollowed: Bool, _ plan: WatchPlan, _ reference: InstrumentReference?) {
        feedNumber = Int32(feed)
        instrumentNumber = Int32(instrument)
        self.isFollowed = isFollowed
        memory = BookMemory(plan, reference)
    }

    /// The number of the feed's name.
    var feed: Int { Int(feedNumber) }

    /// The number of the instrument.
    var instrument: Int { Int(instrumentNumber) }

    /// How often it was known and what was known of it came to an end.
    var breaks: Int { Int(breakCount) }

    // MARK: The book

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
        for index in bids.indices { book.set(.bid, bids[index]) }
        for index in asks.indices { book.set(.ask, asks[index]) }
        return true
    }

    private func follows(_ next: BookMark) -> Bool {
        next.seq == mark.seq &+ 1 && next.conn == mark.conn
    }

    /// Nobody may use the book before its next snapshot.
    mutating func markUnknown() {
        if isKnown { breakCount += 1 }
        isKnown = false
    }

    /// Whether a break of a connection (nil: of the whole feed) concerns this book. One whose lines tell no connection may be of any.
    func isConcerned(byBreakOf conn: Int64?) -> Bool {
        conn == nil || mark.conn == nil || mark.conn == conn
    }

    /// Best bid and best ask, whether it is known or not.
    var top: BookTop { BookTop(bid: book.bids.bestPrice, ask: book.asks.bestPrice) }

    // MARK: The rules

    /// Takes the rules that look at it from now on. Those that stay remember what they did, but for those that say another thing now.
    mutating func take(_ plan: WatchPlan, _ reference: InstrumentReference?, changed: Set<Int> = []) {
        var fresh = BookMemory(plan, reference)
        fresh.takeOver(from: memory, but: changed)
        memory = fresh
        hasNewWatch = true
    }

    /// Takes what a database says of the instrument from now on.
    mutating func take(_ reference: InstrumentReference?) {
        memory.take(reference)
        // Another history may make the mid of now another thing.
        hasNewWatch = true
    }

    /// What the watches have to look at now; nil where nothing that any of them looks at has changed.
    mutating func takeSight() -> Sighting? {
        guard isKnown, memory.plan.watches.count > 0 else { return nil }
        let top = top
        let packed = PackedTop(top)
        let isNew = isFresh || hasNewWatch || packed != seenTop
        guard isNew || memory.plan.looksDeep else { return nil }
        if isNew { note(top, packed) }
        return Sighting(sight: BookSight(top: top, mark: mark), isTopNew: isNew)
    }

    @inline(__always)
    private mutating func note(_ top: BookTop, _ packed: PackedTop) {
        if isFresh {
            memory.restart()
        } else if hasNewWatch {
            memory.beginNewest()
        }
        isFresh = false
        hasNewWatch = false
        seenTop = packed
        if let keptMicros = memory.plan.keptMidsMicros, let mid = top.doubleMidMillionths {
            memory.take(mid: mid, at: mark, keptMicros: keptMicros)
        }
    }

    /// What a watch finds at a sight that `takeSight` gave; by the watch's place in the plan.
    @inline(__always)
    func look(_ watch: Int, at sighting: Sighting) -> Finding? {
        guard sighting.isTopNew || memory.plan.watches[watch].looksDeep else { return nil }
        return memory.plan.watches[watch].strategy.see(sighting.sight, in: self, at: memory[watch])
    }

    /// What was missing where a watch has just found nothing, if it was little.
    func nearMiss(_ watch: Int, at sighting: Sighting) -> String? {
        guard sighting.isTopNew || memory.plan.watches[watch].looksDeep else { return nil }
        return memory.plan.watches[watch].strategy.nearMiss(sighting.sight, in: self, at: memory[watch])
    }
}

/// A known book at one of its lines, and who has to look.
struct Sighting {
    let sight: BookSight
    /// Whether those look, too, who look at best bid and best ask only.
    let isTopNew: Bool
}

/// Best bid and best ask in eight bytes.
private struct PackedTop: Equatable {
    /// Millionths; -1 for an empty side. Levels of books are of 0 to 1 dollar.
    private let bid: Int32
    private let ask: Int32

    init(_ top: BookTop) {
        bid = top.bid.map { Int32($0.millionths) } ?? -1
        ask = top.ask.map { Int32($0.millionths) } ?? -1
    }
}

import MarketModel

/// What one feed tells of one instrument: its book, whether it may be used (`docs/market-event.md`), and the rules that look at it.
///
/// It is where a table has it (`BookTable`): handing it on copies nothing.
struct BookSlot {
    /// 128 bytes, two lines of the processor's cache: a line of the input touches little else than these and the levels that it changes.
    struct Body: ~Copyable {
        fileprivate var mark = BookMark(conn: nil, seq: 0, received: Timestamp(micros: 0))
        fileprivate var isKnown = false
        /// The watches have not seen the book since it was unknown.
        fileprivate var isFresh = true
        /// A watch has come that may not have seen the book as it is.
        fileprivate var hasNewWatch = false
        /// Whether any rule may ever look at the levels. If not they are not kept.
        fileprivate let isFollowed: Bool
        fileprivate let feed: Int32
        fileprivate let instrument: Int32
        fileprivate var breaks: UInt32 = 0
        /// What the watches saw last.
        fileprivate var seenTop = PackedTop(BookTop())
        fileprivate var memory: BookMemory
        fileprivate var book = OrderBook()

        /// - Parameters:
        ///   - feed: The number of the feed's name.
        ///   - instrument: The number of the instrument.
        ///   - isFollowed: Whether any rule may ever look at the levels. If not they are not kept.
        ///   - plan: The rules that look at it.
        ///   - assignments: All rules in charge of the instrument.
        ///   - reference: What a database says of the instrument.
        ///   - room: For what the rules remember (`BookMemory.init`).
        init(
            feed: Int, instrument: Int, isFollowed: Bool, _ plan: WatchPlan, _ assignments: [Assignment], _ reference: InstrumentReference?,
            in room: UnsafeMutableRawPointer?
        ) {
            self.feed = Int32(feed)
            self.instrument = Int32(instrument)
            self.isFollowed = isFollowed
            memory = BookMemory(plan, assignments, reference, in: room)
        }
    }

    private let body: UnsafeMutablePointer<Body>

    init(_ body: UnsafeMutablePointer<Body>) { self.body = body }

    var mark: BookMark { body.pointee.mark }

    var isKnown: Bool { body.pointee.isKnown }

    var book: OrderBook {
        @inline(__always) _read { yield body.pointee.book }
    }

    /// The rules that look at it.
    var watches: UnsafeMutableBufferPointer<BookWatch> { body.pointee.memory.plan.watches }

    /// The rule in charge of a watch, by the watch's place in the plan.
    @inline(__always)
    func assignment(_ watch: Int) -> Assignment { body.pointee.memory.assignment(watch) }

    /// The number of the feed's name.
    var feed: Int { Int(body.pointee.feed) }

    /// The number of the instrument.
    var instrument: Int { Int(body.pointee.instrument) }

    /// How often it was known and what was known of it came to an end.
    var breaks: Int { Int(body.pointee.breaks) }

    // Asking early, one step after the other: each reads what the one before has asked for.

    /// - Parameter sides: Of the book, which the line changes.
    @inline(__always)
    func askForContent(_ sides: (bid: Bool, ask: Bool)) {
        if sides.bid { body.pointee.book.askForBest(.bid) }
        if sides.ask { body.pointee.book.askForBest(.ask) }
        body.pointee.memory.askForMids()
    }

    // MARK: The book

    /// Takes a snapshot: from here on the book is known.
    ///
    /// One that does not follow the line before it, by number and connection, ends a break.
    func replace(at mark: BookMark, bids: [Level], asks: [Level]) {
        if !body.pointee.isKnown || !follows(mark) {
            markUnknown()
            body.pointee.isFresh = true
        }
        body.pointee.mark = mark
        body.pointee.isKnown = true
        if body.pointee.isFollowed { body.pointee.isKnown = body.pointee.book.replace(bidsBestFirst: bids, asksBestFirst: asks) }
    }

    /// Takes a delta: the book is changed if it is known and the delta is the next line of it; after a hole it is unknown.
    ///
    /// False if the delta is left out.
    func change(at mark: BookMark, bids: [Level], asks: [Level]) -> Bool {
        guard body.pointee.isKnown else { return false }
        guard follows(mark) else {
            markUnknown()
            return false
        }
        body.pointee.mark = mark
        guard body.pointee.isFollowed else { return true }
        for index in bids.indices { body.pointee.book.set(.bid, bids[index]) }
        for index in asks.indices { body.pointee.book.set(.ask, asks[index]) }
        return true
    }

    private func follows(_ next: BookMark) -> Bool {
        next.seq == body.pointee.mark.seq &+ 1 && next.conn == body.pointee.mark.conn
    }

    /// Nobody may use the book before its next snapshot.
    func markUnknown() {
        if body.pointee.isKnown { body.pointee.breaks += 1 }
        body.pointee.isKnown = false
    }

    /// Whether a break of a connection (nil: of the whole feed) concerns this book. One whose lines tell no connection may be of any.
    func isConcerned(byBreakOf conn: Int64?) -> Bool {
        conn == nil || mark.conn == nil || mark.conn == conn
    }

    /// Best bid and best ask, whether it is known or not.
    @inline(__always)
    var top: BookTop { BookTop(bid: body.pointee.book.bids.bestPrice, ask: body.pointee.book.asks.bestPrice) }

    // MARK: The rules

    /// Takes the rules that look at it from now on. Those that stay remember what they did, but for those that say another thing now.
    func take(_ plan: WatchPlan, _ assignments: [Assignment], _ reference: InstrumentReference?, changed: Set<Int>) {
        var fresh = BookMemory(plan, assignments, reference)
        fresh.takeOver(from: body.pointee.memory, but: changed)
        body.pointee.memory = fresh
        body.pointee.hasNewWatch = true
    }

    /// Takes what a database says of the instrument from now on.
    func take(_ reference: InstrumentReference?) {
        body.pointee.memory.take(reference)
        // Another history may make the mid of now another thing.
        body.pointee.hasNewWatch = true
    }

    /// What the watches have to look at now; nil where nothing that any of them looks at has changed.
    func takeSight() -> Sighting? {
        guard body.pointee.isKnown, watches.count > 0 else { return nil }
        let top = top
        let packed = PackedTop(top)
        let isNew = body.pointee.isFresh || body.pointee.hasNewWatch || packed != body.pointee.seenTop
        guard isNew || body.pointee.memory.plan.looksDeep else { return nil }
        if isNew { note(top, packed) }
        return isNew ? .top : .deep
    }

    @inline(__always)
    private func note(_ top: BookTop, _ packed: PackedTop) {
        if body.pointee.isFresh {
            body.pointee.memory.restart()
        } else if body.pointee.hasNewWatch {
            body.pointee.memory.beginNewest()
        }
        body.pointee.isFresh = false
        body.pointee.hasNewWatch = false
        body.pointee.seenTop = packed
        if let keptMicros = body.pointee.memory.plan.keptMidsMicros, let mid = top.doubleMidMillionths {
            body.pointee.memory.take(mid: mid, at: mark, keptMicros: keptMicros)
        }
    }

    /// What a watch finds at a sight that `takeSight` gave; by the watch's place in the plan.
    @inline(__always)
    func look(_ index: Int, at sighting: Sighting) -> Finding? {
        guard sighting == .top || watches[index].looksDeep else { return nil }
        let (type, strategy) = (watches[index].type, UnsafeRawPointer(watches[index].strategy))
        return type.see(strategy, self, body.pointee.memory[index])
    }

    /// What was missing where a watch has just found nothing, if it was little.
    func nearMiss(_ index: Int, at sighting: Sighting) -> String? {
        guard sighting == .top || watches[index].looksDeep else { return nil }
        let (type, strategy) = (watches[index].type, UnsafeRawPointer(watches[index].strategy))
        return type.nearMiss(strategy, self, body.pointee.memory[index])
    }

    // MARK: Mids of before

    /// The history of mids of the rules that came last.
    var newestHistory: Int { body.pointee.memory.newest }

    /// The mids of before, as those rules have seen them that remember this number. Valid until the rules change.
    @inline(__always)
    func history(_ number: Int) -> UnsafeMutablePointer<BookMemory.History> { body.pointee.memory.history(number) }
}

/// Who has to look at a line of a known book.
enum Sighting {
    /// All: best bid or best ask may have changed.
    case top
    /// Those only who look behind them.
    case deep
}

/// Best bid and best ask in eight bytes.
struct PackedTop: Equatable {
    /// Millionths; -1 for an empty side. Levels of books are of 0 to 1 dollar.
    private let bid: Int32
    private let ask: Int32

    init(_ top: BookTop) {
        bid = top.bid.map { Int32($0.millionths) } ?? -1
        ask = top.ask.map { Int32($0.millionths) } ?? -1
    }
}

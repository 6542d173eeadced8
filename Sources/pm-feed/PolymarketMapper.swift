import FeedSession
import JSON
import MarketModel

/// Turns messages into events: one message and its receive time in, lines out. It reads no clock.
final class PolymarketMapper {
    let output: FeedOutput
    let registry: PolymarketRegistry
    let verifier: PolymarketVerifier
    private let announcer: PolymarketAnnouncer
    let subscriptions: PolymarketSubscriptions
    /// Books that the message in hand has touched, in its order. The registry keeps them alive.
    var touched = FlatStore<Unmanaged<PolymarketBook>>()
    var hashes: [JSONText] = []
    static let keptBooks = 4096
    /// Books of which the message in hand is a copy.
    var refused: [PolymarketBook] = []
    /// Unknown keys that were told already, as `type.key`.
    private var toldKeys = ByteTable()
    private var keyName = ByteBuffer()
    /// A first book of a connection came since the venue last asked.
    var hasFirstBook = false

    init(
        _ output: FeedOutput, _ registry: PolymarketRegistry, _ verifier: PolymarketVerifier, _ announcer: PolymarketAnnouncer,
        _ subscriptions: PolymarketSubscriptions
    ) {
        self.output = output
        self.registry = registry
        self.verifier = verifier
        self.announcer = announcer
        self.subscriptions = subscriptions
    }

    /// Maps one message. Throws `PolymarketFault` where it is no use; nothing of it has been used then, except as `loseBook` tells.
    func map(_ message: borrowing PolymarketMessage, conn: Int64, at time: Timestamp) throws {
        for key in message.unknownKeys { try tellUnknown(key, of: message.eventType, conn, time) }
        guard let type = message.eventType else {
            // Some initial dumps of 2026 came without a type; their shape tells.
            guard message.hasBids || message.hasAsks else { return try countUnknown("untyped", conn, time) }
            return try mapBook(message, conn, time)
        }
        if type.isEqual(to: "price_change") {
            try mapPriceChange(message, conn, time)
        } else if type.isEqual(to: "book") {
            try mapBook(message, conn, time)
        } else if type.isEqual(to: "last_trade_price") {
            try mapTrade(message, conn, time)
        } else if type.isEqual(to: "best_bid_ask") {
            try mapQuote(message, conn, time)
        } else if type.isEqual(to: "tick_size_change") {
            try mapTickSize(message, conn, time)
        } else if type.isEqual(to: "new_market") {
            try announcer.takeNewMarket(message, at: time)
        } else if type.isEqual(to: "market_resolved") {
            try announcer.takeResolution(message, conn: conn, at: time)
        } else {
            try countUnknown(PolymarketMapper.printable(type), conn, time)
        }
    }

    /// Foreign text for counters and reasons: short, and one line.
    static func printable(_ text: JSONText) -> String { String(text.string.prefix(60)) }

    /// A field that is new stands in every message from then on: only the first time is worth a String.
    private func tellUnknown(_ key: JSONText, of type: JSONText?, _ conn: Int64, _ time: Timestamp) throws {
        keyName.removeAll()
        if let type { keyName.append(raw: type) }
        keyName.append(UInt8(ascii: "."))
        keyName.append(raw: key)
        guard toldKeys.find(keyName.text) == nil else { return }
        // A venue gone wild must not fill our memory.
        if toldKeys.count < 1000, keyName.count < 1000 { _ = toldKeys.intern(keyName.text) }
        let typeName = type.map { PolymarketMapper.printable($0) } ?? "message"
        try output.drift("unknown field \(typeName).\(PolymarketMapper.printable(key))", conn: conn, at: time)
    }

    private func countUnknown(_ type: String, _ conn: Int64, _ time: Timestamp) throws {
        output.counters.add("unknown_type")
        try output.drift("unknown message type \(type)", conn: conn, at: time)
        throw PolymarketFault.unknownType
    }

    // MARK: book

    private func mapBook(_ message: borrowing PolymarketMessage, _ conn: Int64, _ time: Timestamp) throws {
        guard let assetID = message.assetID else { throw PolymarketFault.missing("asset_id") }
        guard let market = message.market else { throw PolymarketFault.missing("market") }
        if message.hasRetiredKey { throw PolymarketFault.retiredShape }
        if let fault = message.fault { throw fault }
        guard message.hasBids else { throw PolymarketFault.missing("bids") }
        guard message.hasAsks else { throw PolymarketFault.missing("asks") }
        guard let stamp = message.timestamp else { throw PolymarketFault.missing("timestamp") }
        let venueTime = try PolymarketDecimal.timestamp(stamp)
        let tick = try message.tickSize.map { try PolymarketDecimal.price($0, "tick_size") }
        guard PolymarketMapper.areDistinct(message.bids), PolymarketMapper.areDistinct(message.asks) else {
            throw PolymarketFault.priceTwice
        }
        output.counters.count("frames_book")

        let book = try registry.book(assetID, market: market, at: time)
        guard book.isCarried(by: conn) || !subscriptions.isDropped(book.instrument.id, on: conn) else {
            return output.counters.add("books_of_dropped_tokens")
        }
        if let home = book.instrument.conn, home != conn || book.ring != nil, book.hasBook, book.instrument.book.isKnown {
            guard try takeWhole(message, book, venueTime, conn) else { return }
        }
        let isFirst = !book.hasBook || book.instrument.conn != conn
        let wasKnown = book.instrument.book.isKnown && !isFirst
        if isFirst {
            book.startOver(conn: conn)
            hasFirstBook = true
        }
        book.hasBook = true
        book.isStalled = false
        book.witness = nil
        _ = book.replace(with: message)
        book.instrument.agreed = time
        book.knownTo = venueTime
        book.lastWord = time
        book.missedChanges.removeAll()
        if let tick, let text = message.tickSize {
            book.instrument.facts.tickSize = tick
            book.hashInputs.tickSize = text.string
        }
        if let last = message.lastTradePrice { book.hashInputs.lastTradePrice = last.string }
        let isVerified = try verifier.checkSnapshot(book, hash: message.hash, timestamp: stamp, venueTime: venueTime, at: time)
        try output.snapshot(
            book.instrument, reason: isFirst ? .initial : wasKnown ? .refresh : .resync, received: time, venueTime: venueTime,
            isVerified: isVerified)
        if !isFirst && !wasKnown { try tellLive(book, at: time) }
    }

    /// Whether the whole book of a token that several connections carry is news.
    private func takeWhole(_ message: borrowing PolymarketMessage, _ book: PolymarketBook, _ venueTime: Timestamp, _ conn: Int64) throws
        -> Bool
    {
        guard book.isCarried(by: conn) else {
            // Its first word on this token: where it stands is known if it stands where we do.
            book.join(conn, isLevel: venueTime == book.knownTo && PolymarketMapper.isSame(book, message))
            hasFirstBook = true
            output.counters.count("copies")
            return false
        }
        var key = MessageKey()
        if let hash = message.hash { key.add(hash) }
        for level in message.bids + message.asks {
            key.add(level.price)
            key.add(level.size)
        }
        key.add(UInt64(bitPattern: venueTime.micros))
        return admit(book, key.value, conn)
    }

    /// Whether the levels of a whole book are those that we have.
    private static func isSame(_ book: PolymarketBook, _ message: borrowing PolymarketMessage) -> Bool {
        var other = OrderBook()
        guard other.replace(bids: message.bids.map(\.level), asks: message.asks.map(\.level)) else { return false }
        return other.bids.bestFirst.elementsEqual(book.instrument.book.bids.bestFirst)
            && other.asks.bestFirst.elementsEqual(book.instrument.book.asks.bestFirst)
    }

    /// Whether a message about a book counts.
    func admit(_ book: PolymarketBook, _ key: UInt64, _ conn: Int64) -> Bool {
        switch book.judge(key, from: conn) {
        case .news: return true
        case .copy: output.counters.count("copies")
        case .unplaced: output.counters.count("copies_out_of_order")
        case .torn:
            // One of the connections has lost something; the book is proved by its hash soon, or given up.
            output.counters.add("torn_copies")
            book.mustVerify = true
            _ = book.standIn(for: conn, isGone: false)
        }
        return false
    }

    /// No price twice.
    static func areDistinct(_ levels: [PolymarketMessage.WireLevel]) -> Bool {
        guard levels.count > 1 else { return true }
        let isRising = levels[1].level.price > levels[0].level.price
        var isStrict = true
        for index in 1..<levels.count {
            let (previous, next) = (levels[index - 1].level.price, levels[index].level.price)
            if isRising ? next <= previous : next >= previous { isStrict = false }
        }
        return isStrict || Set(levels.map(\.level.price)).count == levels.count
    }

    /// One book is known again after a gap.
    func tellLive(_ book: PolymarketBook, at time: Timestamp) throws {
        guard book.instrument.isShown else { return }
        try output.status(FeedStatus(.live, conn: book.instrument.conn, instruments: [book.instrument.id]), at: time)
    }
}

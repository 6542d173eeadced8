import FeedSession
import JSON
import MarketModel

/// One token as the venue shows it: its book on one connection, and all that proves or spoils it.
final class PolymarketBook {
    /// The texts of a level that the venue spells otherwise than we would: the hash is over its spelling.
    struct LevelText {
        let price: String
        let size: String
    }

    // What every change needs comes first, side by side: with thousands of tokens each of these is far away in memory.

    let instrument: FeedInstrument
    /// The connection has sent a whole book of this token.
    var hasBook = false
    /// A hash of this token agreed on this connection.
    var hasVerified = false
    /// Something went wrong near this book: the next message is checked whatever the sampling says.
    var mustVerify = false
    /// Its connection does not speak of it: no answer of REST can keep it true until another one does.
    var isStalled = false
    /// It stands among the lost ones already.
    var isLostNoted = false
    /// Messages since the last hash check: one in sixteen is checked under `sample`.
    var uncheckedCount = 0
    /// Scratch of the message in hand: the last of its entries that is of this token.
    var lastEntry = -1
    /// The venue's time of the last message that went into the book while it was known.
    var knownTo = Timestamp(micros: 0)
    /// When the socket last spoke of it, for those who look after quiet books.
    var lastWord = Timestamp(micros: 0)
    /// Texts of the levels that are not spelled canonically, by side and price.
    var oddBids: [Price: LevelText] = [:]
    var oddAsks: [Price: LevelText] = [:]
    /// What the message in hand, or the last one, has changed.
    var changed = ChangedLevels()
    /// Which messages counted, where several connections carry the token; nil while it is only one.
    private(set) var ring: CopyRing?
    var hashSuspicion = Suspicion()
    var topSuspicion = Suspicion()

    let marketText: [UInt8]
    let assetText: [UInt8]
    /// What goes into the hash beside the levels.
    var hashInputs = PolymarketHashInputs()
    /// The prints and quotes that counted: a connection that comes or goes must not tell one again.
    var newsRing = CopyRing(dropsRepetitions: true)
    /// Prints without a transaction: two that say the same are two.
    var printRing = CopyRing(dropsRepetitions: false)
    /// The hash that disagreed last and its message's time, for the last word before the book is given up.
    var disagreement: (hash: [UInt8], timestamp: [UInt8])?
    /// A newer book that REST has shown, while the socket has not spoken of it yet.
    var witness: PolymarketWitness?
    /// Changes since the book became unknown, for a REST book to be brought up to date by.
    var missedChanges = MissedChanges()

    init(_ instrument: FeedInstrument) {
        self.instrument = instrument
        marketText = Array(instrument.market.utf8)
        assetText = Array(instrument.id.utf8)
    }

    /// Bytes from its beginning that every change needs.
    static var hotBytes: Int { 256 }

    // MARK: Connections

    /// The connections that carry the token.
    var carriers: [Int64] { ring?.conns ?? instrument.conn.map { [$0] } ?? [] }

    func isCarried(by conn: Int64) -> Bool { instrument.conn == conn || ring?.contains(conn) ?? false }

    /// Another connection carries the token too. `isLevel`: it has just said the whole book as it stands here.
    func join(_ conn: Int64, isLevel: Bool) {
        guard let home = instrument.conn else { return }
        var ring = ring ?? CopyRing(dropsRepetitions: true)
        if !ring.contains(home) { ring.place(home) }
        if isLevel { ring.place(conn) } else { ring.join(conn) }
        self.ring = ring
    }

    /// Whether a message of a connection counts: the first arrival does. Without a second connection each does.
    func judge(_ key: UInt64, from conn: Int64) -> CopyRing.Verdict {
        guard ring != nil else { return instrument.conn == conn ? .news : .unplaced }
        let verdict = ring?.take(key, from: conn) ?? .unplaced
        if verdict == .news { instrument.conn = conn }
        if ring?.isAlone(conn) ?? false, instrument.conn == conn {
            if verdict == .torn || verdict == .unplaced {
                // The last one that speaks of it has lost its place among what others said: its word counts, and is held against the hash.
                ring = nil
                mustVerify = true
                return .news
            }
            forgetOrderOfOne()
        }
        return verdict
    }

    /// A connection has lost something of the token, or speaks no more. Whether another one carries the book on.
    func standIn(for conn: Int64, isGone: Bool) -> Bool {
        // One that is gone speaks no more, also where no other carries the book: its places would be kept for ever.
        if isGone || ring != nil {
            newsRing.leave(conn)
            printRing.leave(conn)
        }
        guard ring != nil else { return instrument.conn != conn }
        if isGone { ring?.leave(conn) } else { ring?.lose(conn) }
        if instrument.conn != conn {
            forgetOrderOfOne()
            return true
        }
        guard instrument.book.isKnown, let other = ring?.standIn(for: conn) else { return false }
        instrument.conn = other
        forgetOrderOfOne()
        return true
    }

    /// One connection alone needs no order, once it has said all that the others had said before they went.
    private func forgetOrderOfOne() {
        guard let last = instrument.conn, let order = ring, order.isAlone(last), order.isAtHead(last) else { return }
        ring = nil
    }

    /// The connection of a book that is lost is gone. Whether another one carries it, from which it can be mended.
    func fallBack() -> Bool {
        // Whatever put it into the order again meanwhile: it is gone.
        if let gone = instrument.conn { ring?.leave(gone) }
        guard let other = ring?.conns.first else {
            ring = nil
            return false
        }
        instrument.conn = other
        instrument.book.markUnknown()
        missedChanges.removeAll()
        beginOrder()
        return true
    }

    /// The book begins anew with what the connection that it stands on has said.
    func beginOrder() {
        if let home = instrument.conn { ring?.startOver(with: home) }
    }

    /// A new connection: nothing that the old one proved counts.
    func startOver(conn: Int64) {
        instrument.conn = conn
        beginOrder()
        instrument.book.reset()
        oddBids.removeAll()
        oddAsks.removeAll()
        hasBook = false
        hasVerified = false
        uncheckedCount = 0
        mustVerify = false
        hashSuspicion.clear()
        topSuspicion.clear()
        disagreement = nil
        knownTo = Timestamp(micros: 0)
        witness = nil
        isStalled = false
        missedChanges.removeAll()
    }

    /// Keeps a change of a book that is unknown.
    ///
    /// - Parameter base: Where its frame begins.
    func noteMissed(_ change: PolymarketChange, from base: UnsafePointer<UInt8>, stamp: JSONText, venueTime: Timestamp) {
        guard let price = change.price.text(from: base), let size = change.size.text(from: base) else { return }
        missedChanges.append(
            MissedChanges.Entry(venueTime: venueTime, side: change.side, level: change.level, price: price.string, size: size.string))
        missedChanges.last = MissedChanges.Word(
            venueTime: venueTime, stamp: stamp.string, hash: change.hash.text(from: base)?.string,
            bestBid: change.bestBid.text(from: base)?.string, bestAsk: change.bestAsk.text(from: base)?.string)
    }

    /// Sets the level of a change, and keeps its texts if they are not ours.
    ///
    /// - Parameter base: Where its frame begins.
    func set(_ change: PolymarketChange, from base: UnsafePointer<UInt8>) {
        instrument.book.set(change.side, change.level)
        if change.isPlain {
            forgetText(change.side, change.level.price)
        } else if let price = change.price.text(from: base), let size = change.size.text(from: base) {
            keepText(change.side, change.level.price, LevelText(price: price.string, size: size.string))
        }
    }

    /// Sets one level, and keeps its texts if they are not ours.
    func set(_ side: Side, _ level: Level, price: JSONText, size: JSONText) {
        instrument.book.set(side, level)
        noteText(side, level, price: price, size: size)
    }

    /// Sets a level that was kept.
    func set(_ entry: MissedChanges.Entry) {
        entry.price.withText { price in
            entry.size.withText { size in set(entry.side, entry.level, price: price, size: size) }
        }
    }

    /// Takes over another's levels, as they stand and as they are spelled.
    func takeLevels(of other: PolymarketBook) {
        instrument.book = other.instrument.book
        oddBids = other.oddBids
        oddAsks = other.oddAsks
    }

    /// Replaces all levels by those of a whole book. False, and an empty unknown book, if a price stands twice on a side.
    func replace(with message: borrowing PolymarketMessage) -> Bool {
        oddBids.removeAll()
        oddAsks.removeAll()
        for wire in message.bids { noteText(.bid, wire.level, price: wire.price, size: wire.size) }
        for wire in message.asks { noteText(.ask, wire.level, price: wire.price, size: wire.size) }
        return instrument.book.replace(bids: message.bids.map(\.level), asks: message.asks.map(\.level))
    }

    private func noteText(_ side: Side, _ level: Level, price: JSONText, size: JSONText) {
        if PolymarketDecimal.isPlain(level, price: price, size: size) {
            forgetText(side, level.price)
        } else {
            keepText(side, level.price, LevelText(price: price.string, size: size.string))
        }
    }

    private func forgetText(_ side: Side, _ price: Price) {
        if side == .bid {
            if !oddBids.isEmpty { oddBids[price] = nil }
        } else if !oddAsks.isEmpty {
            oddAsks[price] = nil
        }
    }

    private func keepText(_ side: Side, _ price: Price, _ text: LevelText) {
        if side == .bid { oddBids[price] = text } else { oddAsks[price] = text }
    }
}

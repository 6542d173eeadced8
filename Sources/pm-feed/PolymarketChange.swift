import FeedSession
import JSON
import MarketModel

/// One entry of `price_changes` of which everything can be used, in little memory. Texts are places in its frame.
struct PolymarketChange {
    let level: Level
    let assetID: JSONSpan
    let price: JSONSpan
    let size: JSONSpan
    let hash: JSONSpan
    let bestBid: JSONSpan
    let bestAsk: JSONSpan
    let bid: PolymarketTop
    let ask: PolymarketTop
    /// The token's number with whoever read the frame ahead, from 1 up; 0 where it has none.
    var token: UInt32 = 0
    let side: Side
    /// The venue spells the level as we would, so its texts need not be kept.
    let isPlain: Bool

    /// - Parameter base: Where the frame begins.
    @inline(__always)
    init(_ change: borrowing PolymarketMessage.Change, from base: UnsafePointer<UInt8>) throws(PolymarketFault) {
        if let fault = change.fault { throw fault }
        guard change.assetID != nil else { throw .missing("asset_id") }
        guard let side = change.side else { throw .missing("side") }
        guard side.isEqual(to: "BUY") || side.isEqual(to: "SELL") else { throw .wrong("side") }
        guard let price = change.price else { throw .missing("price") }
        guard let size = change.size, let level = change.level else { throw .missing("size") }
        self.level = level
        self.side = side.count == 3 ? .bid : .ask
        isPlain = PolymarketDecimal.isPlain(level, price: price, size: size)
        assetID = JSONSpan(change.assetID, from: base)
        self.price = JSONSpan(price, from: base)
        self.size = JSONSpan(size, from: base)
        hash = JSONSpan(change.hash, from: base)
        bestBid = JSONSpan(change.bestBid, from: base)
        bestAsk = JSONSpan(change.bestAsk, from: base)
        bid = PolymarketTop(change.bestBid)
        ask = PolymarketTop(change.bestAsk)
    }

    /// Whether it tells a hash of its token's book.
    var hasHash: Bool { !hash.isEmpty }

    /// Adds what it says to the key of its token's part of a message.
    func add(to key: inout MessageKey, from base: UnsafePointer<UInt8>) {
        key.add(price.text(from: base))
        key.add(size.text(from: base))
        let word: StaticString = side == .bid ? "BUY" : "SELL"
        key.add(JSONText(base: word.utf8Start, count: word.utf8CodeUnitCount))
        key.add(hash.text(from: base))
    }

    /// Whether both are of one token.
    func isOfToken(of other: PolymarketChange, from base: UnsafePointer<UInt8>) -> Bool {
        if token != 0, other.token != 0 { return token == other.token }
        guard let id = assetID.text(from: base), let otherID = other.assetID.text(from: base) else { return false }
        return id.isEqual(to: otherID)
    }
}

/// A `price_change` of which everything can be used: its envelope.
struct PolymarketChanges {
    let market: JSONSpan
    let stamp: JSONSpan
    let venueTime: Timestamp

    /// Judges a message; its entries are with it.
    init(_ message: borrowing PolymarketMessage) throws(PolymarketFault) {
        if message.hasRetiredKey || (!message.hasChanges && message.price != nil) { throw .retiredShape }
        guard message.hasChanges else { throw .missing("price_changes") }
        guard message.market != nil, let stamp = message.timestamp, let venueTime = try? PolymarketDecimal.timestamp(stamp),
            message.fault == nil
        else { throw message.fault ?? (message.market == nil ? .missing("market") : .wrong("timestamp")) }
        if let fault = message.changesFault { throw fault }
        market = JSONSpan(message.market, from: message.base)
        self.stamp = JSONSpan(stamp, from: message.base)
        self.venueTime = venueTime
    }
}

import FeedSession
import MarketModel

/// Whole books as numbers.
extension KalshiCopies {
    /// A number over a whole book: equal books have equal ones, and others almost never.
    static func state(_ book: OrderBook) -> UInt64 {
        var state: UInt64 = 0
        for level in book.bids.bestFirst { state ^= self.state(.bid, level) }
        for level in book.asks.bestFirst { state ^= self.state(.ask, level) }
        return state
    }

    /// What one level adds to the number, or takes from it.
    @inline(__always)
    static func state(_ side: Side, _ level: Level) -> UInt64 {
        guard level.size > .zero else { return 0 }
        var key = MessageKey()
        key.add(side == .bid ? 1 : 2)
        key.add(UInt64(bitPattern: level.price.millionths))
        key.add(UInt64(bitPattern: level.size.millionths))
        return key.value
    }
}

/// What is bid and asked for one instrument, and whether that may be believed.
///
/// A book is unknown until its first snapshot and after every break until the next one (`docs/market-event.md`). Its levels stay in
/// place while it is unknown, so that a proof that they are right after all can make it known again.
public struct OrderBook: Equatable, Sendable {
    public private(set) var bids = BookSide(.bid)
    public private(set) var asks = BookSide(.ask)
    public private(set) var isKnown = false

    public init() {}

    public var bestBid: Level? { bids.best }
    public var bestAsk: Level? { asks.best }

    /// Best bid above best ask. A half-applied update looks so; a venue's own book should not for long.
    public var isCrossed: Bool {
        guard let bid = bids.bestPrice, let ask = asks.bestPrice else { return false }
        return bid > ask
    }

    /// Best bid equal to best ask.
    public var isLocked: Bool {
        guard let bid = bids.bestPrice, let ask = asks.bestPrice else { return false }
        return bid == ask
    }

    /// `bestAsk - bestBid` in millionths of a dollar; nil where a side is empty.
    public var spreadMillionths: Int64? {
        guard let bid = bids.bestPrice, let ask = asks.bestPrice else { return nil }
        return ask.millionths - bid.millionths
    }

    /// Twice the middle between best bid and best ask, in millionths: the middle itself may fall between two millionths.
    public var doubleMidMillionths: Int64? {
        guard let bid = bids.bestPrice, let ask = asks.bestPrice else { return nil }
        return ask.millionths + bid.millionths
    }

    /// Replaces the whole book and makes it known. False, and an unknown empty book, if a price stands twice on a side.
    @discardableResult
    public mutating func replace(bids newBids: some Sequence<Level>, asks newAsks: some Sequence<Level>) -> Bool {
        let areBidsRight = bids.replace(with: newBids)
        let areAsksRight = asks.replace(with: newAsks)
        guard areBidsRight && areAsksRight else {
            reset()
            return false
        }
        isKnown = true
        return true
    }

    /// The same for arrays: without a generic iterator for callers in other modules.
    @discardableResult
    public mutating func replace(bids newBids: [Level], asks newAsks: [Level]) -> Bool {
        let areBidsRight = bids.replace(with: newBids)
        let areAsksRight = asks.replace(with: newAsks)
        guard areBidsRight && areAsksRight else {
            reset()
            return false
        }
        isKnown = true
        return true
    }

    /// The same for arrays that are best first, as `EventDecoder` gives them.
    @discardableResult
    public mutating func replace(bidsBestFirst newBids: [Level], asksBestFirst newAsks: [Level]) -> Bool {
        let areBidsRight = bids.replace(withBestFirst: newBids)
        let areAsksRight = asks.replace(withBestFirst: newAsks)
        guard areBidsRight && areAsksRight else {
            reset()
            return false
        }
        isKnown = true
        return true
    }

    /// Sets one level; size zero takes it away. Gives whether anything changed. The book's being known stays as it is.
    @discardableResult
    public mutating func set(_ side: Side, _ level: Level) -> Bool {
        side == .bid ? bids.set(level) : asks.set(level)
    }

    /// Asks for the memory of the best levels, where most changes are.
    public mutating func askForBest(_ side: Side) { side == .bid ? bids.askForBest() : asks.askForBest() }

    /// What rests at a price.
    public func size(at price: Price, on side: Side) -> Size {
        side == .bid ? bids.size(at: price) : asks.size(at: price)
    }

    /// From now on nobody may use it, until `replace` or `markKnown`.
    public mutating func markUnknown() { isKnown = false }

    /// The levels were proved right by other means than a snapshot.
    public mutating func markKnown() { isKnown = true }

    /// Forgets all levels and is unknown.
    public mutating func reset() {
        bids.removeAll()
        asks.removeAll()
        isKnown = false
    }
}

import JSON

/// The two sides of a book.
public enum Side: UInt8, BitwiseCopyable, Sendable {
    case bid, ask
}

/// One side of a book: levels in order, one a price, none of size zero.
///
/// The best level is last in memory: most changes are near the best, and there they move the fewest levels.
public struct BookSide: Equatable, Sendable {
    /// Worst first, best last.
    public private(set) var levels: [Level] = []
    // Of the levels, here once more: who asks for the best price need not go where they are, and who looks for a level knows where the best
    // one lies before anything of the array is there.
    /// Millionths; 0 where there is no level.
    @usableFromInline var bestMillionths: Int64 = 0
    @usableFromInline var count: Int32 = 0
    public let side: Side

    public init(_ side: Side) { self.side = side }

    @inlinable
    public var best: Level? { levels.last }

    /// The price of the best level.
    @inlinable
    public var bestPrice: Price? { count > 0 ? Price(millionths: bestMillionths) : nil }

    @inlinable
    public var isEmpty: Bool { levels.isEmpty }

    /// The levels best first, as events tell them.
    public var bestFirst: ReversedCollection<[Level]> { levels.reversed() }

    /// Room that is kept for the next whole book: one that was huge once must not hold its memory for ever.
    private static let keptLevels = 4096

    public mutating func removeAll() {
        levels.removeAll(keepingCapacity: levels.capacity <= BookSide.keptLevels)
        noteBest()
    }

    private mutating func noteBest() {
        count = Int32(levels.count)
        bestMillionths = levels.last?.price.millionths ?? 0
    }

    /// Whether a level at `price` lies nearer to the best than one at `other`.
    @inline(__always)
    private func isBetter(_ price: Price, than other: Price) -> Bool {
        side == .bid ? price > other : price < other
    }

    /// The place of `price`, or where it would be put.
    private func index(of price: Price) -> (index: Int, isFound: Bool) {
        // From the best backwards: a change within the first few levels needs no search.
        var upper = Int(count)
        guard upper > 0 else { return (0, false) }
        if price.millionths == bestMillionths { return (upper - 1, true) }
        if isBetter(price, than: Price(millionths: bestMillionths)) { return (upper, false) }
        upper -= 1
        var probed = 1
        while upper > 0, probed < 4 {
            let other = levels[upper - 1].price
            if other == price { return (upper - 1, true) }
            if isBetter(price, than: other) { return (upper, false) }
            upper -= 1
            probed += 1
        }
        var lower = 0
        while lower < upper {
            let middle = (lower + upper) / 2
            let other = levels[middle].price
            if other == price { return (middle, true) }
            if isBetter(price, than: other) { lower = middle + 1 } else { upper = middle }
        }
        return (lower, false)
    }

    /// Asks for the memory of the best levels, where most changes are.
    @inline(__always)
    mutating func askForBest() { NearMemory.ask(for: &levels, last: 8, of: Int(count)) }

    /// What rests at `price`; zero where nothing does.
    public func size(at price: Price) -> Size {
        let place = index(of: price)
        return place.isFound ? levels[place.index].size : .zero
    }

    /// Sets what rests at a price; size zero takes the level away. Gives whether anything changed.
    @discardableResult
    public mutating func set(_ level: Level) -> Bool {
        let place = index(of: level.price)
        if place.isFound {
            if levels[place.index].size == level.size { return false }
            if level.size == .zero {
                levels.remove(at: place.index)
                count -= 1
                if place.index == Int(count) { bestMillionths = levels.last?.price.millionths ?? 0 }
            } else {
                levels[place.index].size = level.size
            }
            return true
        }
        if level.size == .zero { return false }
        if place.index == Int(count) {
            levels.append(level)
            bestMillionths = level.price.millionths
        } else {
            levels.insert(level, at: place.index)
        }
        count += 1
        return true
    }

    /// The same as `replace(with:)` for an array that is best first, as events tell levels: one pass without a generic iterator.
    public mutating func replace(withBestFirst newLevels: [Level]) -> Bool {
        removeAll()
        for index in newLevels.indices.reversed() where newLevels[index].size != .zero {
            if let last = levels.last, !isBetter(newLevels[index].price, than: last.price) { return replace(with: newLevels) }
            levels.append(newLevels[index])
        }
        noteBest()
        return true
    }

    /// Replaces all levels by `newLevels`, given in any order. False, and an empty side, if a price stands twice.
    ///
    /// Levels of size zero are left out.
    public mutating func replace(with newLevels: some Sequence<Level>) -> Bool {
        removeAll()
        var isInOrder = true
        for level in newLevels where level.size != .zero {
            if let last = levels.last, !isBetter(level.price, than: last.price) { isInOrder = false }
            levels.append(level)
        }
        defer { noteBest() }
        guard !isInOrder else { return true }
        let isBid = side == .bid
        levels.sort { isBid ? $0.price < $1.price : $0.price > $1.price }
        for index in levels.indices.dropFirst() where levels[index].price == levels[index - 1].price {
            removeAll()
            return false
        }
        return true
    }
}

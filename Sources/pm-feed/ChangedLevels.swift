import MarketModel

/// The levels of a book that one message changed; nearly always one, which needs no memory of its own.
struct ChangedLevels {
    private(set) var only: (side: Side, level: Level)?
    /// Where they are several.
    private var severalBids: [Level] = []
    private var severalAsks: [Level] = []
    /// There are such: said here, since arrays tell it from where their levels are, which may be far.
    private var hasSeveral = false

    /// Forgets those of the message before.
    mutating func begin() {
        only = nil
        guard hasSeveral else { return }
        hasSeveral = false
        severalBids.removeAll(keepingCapacity: true)
        severalAsks.removeAll(keepingCapacity: true)
    }

    /// A later entry of the same price is the one that counts.
    mutating func put(_ side: Side, _ level: Level) {
        if let one = only {
            if one.side == side, one.level.price == level.price { return only = (side, level) }
            only = nil
            add(one.side, one.level)
        } else if !hasSeveral {
            return only = (side, level)
        }
        add(side, level)
    }

    private mutating func add(_ side: Side, _ level: Level) {
        hasSeveral = true
        if side == .bid {
            ChangedLevels.put(level, into: &severalBids)
        } else {
            ChangedLevels.put(level, into: &severalAsks)
        }
    }

    private static func put(_ level: Level, into levels: inout [Level]) {
        if let index = levels.firstIndex(where: { $0.price == level.price }) {
            levels[index] = level
        } else {
            levels.append(level)
        }
    }

    /// Best first, in place: later readers see them so, too.
    mutating func sort() {
        if severalBids.count > 1 { severalBids.sort { $0.price > $1.price } }
        if severalAsks.count > 1 { severalAsks.sort { $0.price < $1.price } }
    }

    var bids: [Level] { levels(.bid, severalBids) }
    var asks: [Level] { levels(.ask, severalAsks) }

    private func levels(_ side: Side, _ several: [Level]) -> [Level] {
        guard let only else { return several }
        return only.side == side ? [only.level] : []
    }
}

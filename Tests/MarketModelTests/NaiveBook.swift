import MarketModel

/// A book as anybody would write it first: a dictionary a side, sorted when asked.
struct NaiveBook {
    var bids: [Price: Size] = [:]
    var asks: [Price: Size] = [:]

    mutating func set(_ side: Side, _ level: Level) -> Bool {
        let old = side == .bid ? bids[level.price] : asks[level.price]
        let new = level.size == .zero ? nil : level.size
        if side == .bid { bids[level.price] = new } else { asks[level.price] = new }
        return old != new
    }

    /// False where a price stands twice among levels that are not empty.
    static func side(_ levels: [Level]) -> [Price: Size]? {
        var side: [Price: Size] = [:]
        for level in levels where level.size != .zero {
            guard side.updateValue(level.size, forKey: level.price) == nil else { return nil }
        }
        return side
    }

    var bidsBestFirst: [Level] { bids.sorted { $0.key > $1.key }.map { Level(price: $0.key, size: $0.value) } }
    var asksBestFirst: [Level] { asks.sorted { $0.key < $1.key }.map { Level(price: $0.key, size: $0.value) } }
}

import FeedSession
import MarketModel

/// What was last told of the account's own, so that it is told once. It forgets when it is full: twice is better than never.
struct PolymarketOwnMemory {
    private static let entriesMax = 20_000

    /// What was told of one leg of a trade.
    struct Leg {
        let price: Price
        let size: Size
        fileprivate(set) var states: Set<OwnFill.State>

        /// How far it has come.
        var stage: Int { states.map(PolymarketOwnMemory.stage).max() ?? 0 }
    }

    private var legs: [String: Leg] = [:]
    private var orders: [String: String] = [:]

    func leg(_ key: String) -> Leg? { legs[key] }

    /// Whether a leg was not told in this state yet.
    mutating func take(leg key: String, _ state: OwnFill.State, price: Price, size: Size) -> Bool {
        if let leg = legs[key], leg.price == price, leg.size == size {
            return legs[key]?.states.insert(state).inserted ?? true
        }
        if legs.count >= PolymarketOwnMemory.entriesMax { legs.removeAll() }
        legs[key] = Leg(price: price, size: size, states: [state])
        return true
    }

    mutating func take(order id: String, said: String) -> Bool {
        if orders.count >= PolymarketOwnMemory.entriesMax { orders.removeAll() }
        return orders.updateValue(said, forKey: id) != said
    }

    /// MATCHED, RETRYING, MINED, and one of the two ends.
    static func stage(_ state: OwnFill.State) -> Int {
        switch state {
        case .unknown: 0
        case .matched: 1
        case .retrying: 2
        case .mined: 3
        case .confirmed, .failed: 4
        }
    }
}

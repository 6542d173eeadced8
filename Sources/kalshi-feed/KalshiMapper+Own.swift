import FeedSession
import JSON
import MarketModel

/// Own fills, orders and positions. They have no sequence; what comes over two sockets is told once. Source: venues dossier §3.6.
extension KalshiMapper {
    func take(_ message: KalshiFillMessage, _ arrival: KalshiArrival) throws {
        // A trade of the account with itself is two fills of one trade.
        let key = "\(message.fill.tradeID.string) \(message.fill.orderID?.string ?? "") \(message.fill.side)"
        guard ownMemory.take(fill: key) else { return output.counters.add("duplicate_own_lines") }
        try output.ownFill(
            registry.market(message.ticker).instrument, message.fill, conn: arrival.conn, received: arrival.time, venueTime: message.time)
    }

    func take(_ message: KalshiOrderMessage, _ arrival: KalshiArrival) throws {
        let order = message.order
        if order.state == .unknown { try output.drift("a status of user_order that was never seen", conn: arrival.conn, at: arrival.time) }
        let said =
            "\(order.state) \(order.filled?.millionths ?? -1) \(order.remaining?.millionths ?? -1) \(message.time?.micros ?? -1)"
            + " \(order.price?.millionths ?? -1) \(order.reason?.string ?? "")"
        guard ownMemory.take(order: order.id.string, said: said) else { return output.counters.add("duplicate_own_lines") }
        try output.ownOrder(
            registry.market(message.ticker).instrument, order, conn: arrival.conn, received: arrival.time, venueTime: message.time)
    }

    func take(_ message: KalshiPositionMessage, _ arrival: KalshiArrival) throws {
        guard ownMemory.take(position: message.ticker.string, message.position) else { return output.counters.add("duplicate_own_lines") }
        try output.ownPosition(
            registry.market(message.ticker).instrument, message.position, conn: arrival.conn, received: arrival.time, venueTime: nil)
    }
}

/// What was last told of the account's own, so that it is told once. It forgets when it is full: twice is better than never.
struct KalshiOwnMemory {
    private static let entriesMax = 20_000

    private var fills: Set<String> = []
    private var orders: [String: String] = [:]
    private var positions: [String: OwnPosition] = [:]

    mutating func take(fill key: String) -> Bool {
        if fills.count >= KalshiOwnMemory.entriesMax { fills.removeAll() }
        return fills.insert(key).inserted
    }

    mutating func take(order id: String, said: String) -> Bool {
        if orders.count >= KalshiOwnMemory.entriesMax { orders.removeAll() }
        return orders.updateValue(said, forKey: id) != said
    }

    mutating func take(position ticker: String, _ position: OwnPosition) -> Bool {
        if positions.count >= KalshiOwnMemory.entriesMax { positions.removeAll() }
        return positions.updateValue(position, forKey: ticker) != position
    }
}

import FeedSession
import JSON
import MarketModel

/// Turns messages of the user channel into own lines: one message and its receive time in, lines out. It reads no clock.
final class PolymarketUserMapper {
    let output: FeedOutput
    private let registry: PolymarketRegistry
    var memory = PolymarketOwnMemory()

    init(_ output: FeedOutput, _ registry: PolymarketRegistry) {
        self.output = output
        self.registry = registry
    }

    /// Maps one message, whose bytes are `object`. Throws `PolymarketFault` where it is no use.
    ///
    /// - Parameter key: the fingerprint of the API key that was told on the connection.
    func map(_ message: PolymarketUserMessage, _ object: JSONText, key: String?, conn: Int64, at time: Timestamp) throws {
        let type = message.eventType.map(PolymarketMapper.printable) ?? "untyped"
        try tellUnknown(message, type, conn: conn, at: time)
        switch type {
        case "order": try mapOrder(message, conn, time)
        case "trade": try mapTrade(message, object, key, conn, time)
        default:
            output.counters.add("unknown_type")
            try output.drift("unknown message type \(type) on the user channel", conn: conn, at: time)
            throw PolymarketFault.unknownType
        }
    }

    func tellUnknown(_ message: PolymarketUserMessage, _ type: String, conn: Int64?, at time: Timestamp) throws {
        for key in message.unknownKeys {
            try output.drift("unknown field \(type).\(PolymarketMapper.printable(key)) on the user channel", conn: conn, at: time)
        }
    }

    func instrument(_ assetID: JSONText?, _ market: JSONText?, at time: Timestamp) throws -> FeedInstrument {
        guard let market else { throw PolymarketFault.missing("market") }
        guard let assetID else { throw PolymarketFault.missing("asset_id") }
        guard !assetID.hasEscapes, !market.hasEscapes else { throw PolymarketFault.wrong("asset_id") }
        return try registry.book(assetID, market: market, at: time).instrument
    }

    static func side(_ text: JSONText?) throws(PolymarketFault) -> OwnSide {
        guard let text else { throw .missing("side") }
        if text.isEqual(to: "BUY") { return .buy }
        guard text.isEqual(to: "SELL") else { throw .wrong("side") }
        return .sell
    }

    /// Seconds in the documentation, milliseconds in captures (dossier §3.1), told apart by their size: one of both is the year 5138.
    static func time(_ text: JSONText?) throws(PolymarketFault) -> Timestamp? {
        guard let text else { return nil }
        guard let count = text.integer, count >= 0, count < Int64.max / 1_000_000 else { throw .wrong("timestamp") }
        return Timestamp(micros: count < 100_000_000_000 ? count * 1_000_000 : count * 1000)
    }

    // MARK: Orders

    private func mapOrder(_ message: PolymarketUserMessage, _ conn: Int64, _ time: Timestamp) throws {
        if let fault = message.fault { throw fault }
        guard let id = message.id else { throw PolymarketFault.missing("id") }
        let side = try PolymarketUserMapper.side(message.side)
        let price = try message.price.map { try PolymarketDecimal.price($0, "price") }
        let size = try message.originalSize.map { try PolymarketDecimal.size($0, "original_size") }
        let filled = try message.sizeMatched.map { try PolymarketDecimal.size($0, "size_matched") }
        let venueTime = try PolymarketUserMapper.time(message.timestamp)
        let (state, reason) = try orderState(message, size: size, filled: filled, conn, time)
        let instrument = try instrument(message.assetID, message.market, at: time)
        output.counters.add("frames_order")
        let said = [message.status, message.type, message.sizeMatched, message.price, message.timestamp].map { $0?.string ?? "" }
        guard memory.take(order: id.string, said: said.joined(separator: " ")) else { return output.counters.add("repeated_own_orders") }
        let order = OwnOrder(
            id: id, clientID: nil, side: side, price: price, size: size, filled: filled, remaining: nil, state: state, reason: reason)
        try output.ownOrder(instrument, order, conn: conn, received: time, venueTime: venueTime)
    }

    /// What has become of an order, and the venue's own words where they say more than one of its known ones.
    private func orderState(
        _ message: PolymarketUserMessage, size: Size?, filled: Size?, _ conn: Int64, _ time: Timestamp
    ) throws -> (OwnOrder.State, JSONText?) {
        guard let type = message.type else { throw PolymarketFault.missing("type") }
        let isPlacement = type.isEqual(to: "PLACEMENT")
        let isCancellation = type.isEqual(to: "CANCELLATION")
        if !isPlacement, !isCancellation, !type.isEqual(to: "UPDATE") {
            try output.drift("unknown type of an order: \(PolymarketMapper.printable(type))", conn: conn, at: time)
        }
        guard let status = message.status else {
            // The documentation's samples have none.
            if isCancellation { return (.canceled, nil) }
            if isPlacement || (size != nil && filled != nil) { return (matched(message, size: size, filled: filled), nil) }
            throw PolymarketFault.missing("status")
        }
        // It may carry a sentence behind its word: `CANCELED_order couldn't be fully filled. …`.
        let word = String(status.string.prefix { $0 != "_" && $0 != " " })
        let reason = status.string == word ? nil : status
        switch word {
        case "CANCELED", "CANCELLED": return (.canceled, reason)
        case "INVALID": return (.rejected, reason ?? status)
        case "LIVE": return (isCancellation ? .canceled : .open, reason)
        case "MATCHED": return (isCancellation ? .canceled : matched(message, size: size, filled: filled), reason)
        default:
            try output.drift("unknown status of an order: \(word.prefix(60))", conn: conn, at: time)
            return (.unknown, status)
        }
    }

    /// What is left of an order that was matched rests, if it is one of those that rest.
    private func matched(_ message: PolymarketUserMessage, size: Size?, filled: Size?) -> OwnOrder.State {
        guard let size, let filled else { return message.status == nil ? .open : .filled }
        if filled >= size { return .filled }
        let rests = message.orderType.map { $0.isEqual(to: "GTC") || $0.isEqual(to: "GTD") } ?? true
        return rests ? .open : .unknown
    }
}

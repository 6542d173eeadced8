import FeedSession
import JSON
import MarketModel

/// Own fills: a line for each leg of a trade that is ours, and for each stage that it goes through.
extension PolymarketUserMapper {
    /// One leg, as the venue spells it.
    private struct Leg {
        let orderID: JSONText
        let assetID: JSONText?
        let side: OwnSide
        let price: Price
        let size: Size
        let isTaker: Bool
    }

    func mapTrade(_ message: PolymarketUserMessage, _ object: JSONText, _ key: String?, _ conn: Int64, _ time: Timestamp) throws {
        let trade = try trade(message, object, key, conn: conn, at: time)
        output.counters.add("frames_trade")
        let venueTime = try PolymarketUserMapper.time(message.timestamp ?? message.lastUpdate ?? message.matchTime)
        for leg in trade.legs {
            let legKey = PolymarketUserMapper.key(trade.id, leg)
            if let told = memory.leg(legKey), told.price != leg.price || told.size != leg.size {
                try output.drift("an own fill came again with another price or size", conn: conn, at: time)
            }
            guard memory.take(leg: legKey, trade.state, price: leg.price, size: leg.size) else {
                output.counters.add("repeated_own_fills")
                continue
            }
            try tell(leg, trade, message, conn: conn, venueTime: venueTime, at: time)
        }
    }

    private typealias OwnTrade = (id: JSONText, state: OwnFill.State, legs: [Leg])

    /// What of a trade is ours. A leg that cannot be told is left out alone, counted, and told as drift.
    private func trade(
        _ message: PolymarketUserMessage, _ object: JSONText, _ key: String?, conn: Int64?, at time: Timestamp
    ) throws -> OwnTrade {
        if let fault = message.fault { throw fault }
        guard let id = message.id else { throw PolymarketFault.missing("id") }
        guard let status = message.status else { throw PolymarketFault.missing("status") }
        guard let side = message.traderSide else { throw PolymarketFault.missing("trader_side") }
        let isTaker = side.isEqual(to: "TAKER")
        guard isTaker || side.isEqual(to: "MAKER") else { throw PolymarketFault.wrong("trader_side") }
        let state = PolymarketUserMapper.state(status)
        if state == .unknown {
            try output.drift("unknown status of a trade: \(PolymarketMapper.printable(status))", conn: conn, at: time)
        }
        var legs: [Leg] = []
        var hasOwn = isTaker
        if isTaker { try take(object, conn, time) { legs.append(try takerLeg(message)) } }
        for order in message.makerOrders where isOurs(order, key) {
            hasOwn = true
            try take(object, conn, time) { legs.append(try makerLeg(order)) }
        }
        guard hasOwn else {
            try output.drift("a trade of the user channel has no leg of our API key", conn: conn, at: time)
            throw PolymarketFault.missing("owner")
        }
        return (id, state, legs)
    }

    /// Whether the order's owner is the stand-in of our key, or, in recordings of somebody else's, our key itself.
    private func isOurs(_ order: PolymarketUserMessage.MakerOrder, _ key: String?) -> Bool {
        guard let owner = order.owner, let key else { return false }
        // The beginning of a fingerprint that is all too short may be anybody's.
        if owner.count >= Secrets.bytesMin, owner.string == PolymarketCredentials.standIn(key, count: owner.count) { return true }
        return PolymarketCredentials.fingerprint(owner) == key
    }

    private func take(_ object: JSONText, _ conn: Int64?, _ time: Timestamp, _ leg: () throws -> Void) throws {
        do {
            try leg()
        } catch let fault as PolymarketFault {
            try output.reject(object.bytes, counter: "own_\(fault.counter)", message: "an own fill: \(fault.message)", at: time)
            try output.drift("an own fill cannot be told: \(fault.message)", conn: conn, at: time)
        }
    }

    private func takerLeg(_ message: PolymarketUserMessage) throws -> Leg {
        guard let orderID = message.takerOrderID else { throw PolymarketFault.missing("taker_order_id") }
        guard let price = message.price else { throw PolymarketFault.missing("price") }
        guard let size = message.size else { throw PolymarketFault.missing("size") }
        guard message.assetID != nil else { throw PolymarketFault.missing("asset_id") }
        return Leg(
            orderID: orderID, assetID: message.assetID, side: try PolymarketUserMapper.side(message.side),
            price: try PolymarketDecimal.price(price, "price"), size: try PolymarketDecimal.size(size, "size"), isTaker: true)
    }

    private func makerLeg(_ order: PolymarketUserMessage.MakerOrder) throws -> Leg {
        if let fault = order.fault { throw fault }
        guard let orderID = order.orderID else { throw PolymarketFault.missing("order_id") }
        guard let price = order.price else { throw PolymarketFault.missing("price") }
        guard let size = order.matchedAmount else { throw PolymarketFault.missing("matched_amount") }
        guard order.assetID != nil else { throw PolymarketFault.missing("asset_id") }
        return Leg(
            orderID: orderID, assetID: order.assetID, side: try PolymarketUserMapper.side(order.side),
            price: try PolymarketDecimal.price(price, "price"), size: try PolymarketDecimal.size(size, "matched_amount"), isTaker: false)
    }

    /// REST's documentation puts `TRADE_STATUS_` before the words.
    static func state(_ status: JSONText) -> OwnFill.State {
        let prefix = "TRADE_STATUS_"
        let word = status.string.hasPrefix(prefix) ? String(status.string.dropFirst(prefix.count)) : status.string
        switch word {
        case "MATCHED": return .matched
        case "MINED": return .mined
        case "CONFIRMED": return .confirmed
        case "RETRYING": return .retrying
        case "FAILED": return .failed
        default: return .unknown
        }
    }

    private static func key(_ id: JSONText, _ leg: Leg) -> String { "\(id.string) \(leg.orderID.string) \(leg.isTaker)" }

    private func tell(
        _ leg: Leg, _ trade: OwnTrade, _ message: PolymarketUserMessage, conn: Int64?, venueTime: Timestamp?, at time: Timestamp
    ) throws {
        let fill = OwnFill(
            tradeID: trade.id, orderID: leg.orderID, clientID: nil, side: leg.side, price: leg.price, size: leg.size,
            isTaker: leg.isTaker, fee: nil, state: trade.state, transaction: message.transactionHash)
        try output.ownFill(
            try instrument(leg.assetID, message.market, at: time), fill, conn: conn, received: time, venueTime: venueTime)
    }
}

/// Trades of `GET /data/trades`, which fill the breaks of the user channel.
extension PolymarketUserMapper {
    private struct Listed {
        let message: PolymarketUserMessage
        let trade: OwnTrade
        let happened: Timestamp
    }

    /// Tells what was not told of the trades of an answer, the oldest first: `data[]` of an object, or a bare array.
    ///
    /// - Parameters:
    ///   - start: trades from before are not told: the channel was first asked for then.
    ///   - key: the fingerprint of the API key.
    func takeTrades(_ body: JSONText, key: String?, start: Timestamp, at time: Timestamp) throws {
        var whole = JSONScanner(body)
        let value = try whole.value()
        try whole.finish()
        guard let list = try PolymarketUserMapper.list(value) else {
            return try output.reject(
                body.bytes, counter: "own_trades_shape", message: "the answer with own trades is no list of trades", at: time)
        }
        var listed: [Listed] = []
        var scanner = JSONScanner(list)
        try scanner.beginArray()
        while try scanner.nextElement() {
            if let trade = try listedTrade(try scanner.value(), key, at: time) { listed.append(trade) }
        }
        guard try !contradicts(listed, body, at: time) else { return }
        // Newest first as they came: turned round, a stable sort keeps the venue's order within a second.
        let sorted = listed.reversed().enumerated().sorted { ($0.element.happened, $0.offset) < ($1.element.happened, $1.offset) }
        for trade in sorted.map(\.element) {
            // Whole seconds, and clocks that differ a little.
            guard trade.happened.advanced(byMicros: 10_000_000) >= start else {
                output.counters.add("own_fills_too_old")
                continue
            }
            try tell(trade, at: time)
        }
    }

    private static func list(_ value: JSONText) throws -> JSONText? {
        var scanner = JSONScanner(value)
        if try scanner.peekKind() == .array { return value }
        guard try scanner.peekKind() == .object else { return nil }
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "data"), try scanner.peekKind() == .array { return try scanner.value() }
            try scanner.skipValue()
        }
        return nil
    }

    /// One trade; nil for one that is no use, which is left out alone.
    private func listedTrade(_ object: JSONText, _ key: String?, at time: Timestamp) throws -> Listed? {
        do {
            var scanner = JSONScanner(object)
            guard try scanner.peekKind() == .object else { throw PolymarketFault.wrong("data") }
            let message = try PolymarketUserMessage(&scanner)
            try tellUnknown(message, "listed trade", conn: nil, at: time)
            guard let happened = try PolymarketUserMapper.time(message.matchTime) else { throw PolymarketFault.missing("match_time") }
            guard message.market != nil else { throw PolymarketFault.missing("market") }
            return Listed(message: message, trade: try trade(message, object, key, conn: nil, at: time), happened: happened)
        } catch let fault as PolymarketFault {
            try output.reject(object.bytes, counter: "rest_own_\(fault.counter)", message: "a listed trade: \(fault.message)", at: time)
            return nil
        }
    }

    /// Whether the answer says another price or size of a fill than the socket did: then it counts in other units, and nothing of it is used.
    private func contradicts(_ listed: [Listed], _ body: JSONText, at time: Timestamp) throws -> Bool {
        let isContradicted = listed.contains { entry in
            entry.trade.legs.contains { leg in
                memory.leg(PolymarketUserMapper.key(entry.trade.id, leg)).map { $0.price != leg.price || $0.size != leg.size } ?? false
            }
        }
        guard isContradicted else { return false }
        try output.reject(
            body.bytes, counter: "own_trades_contradicted", message: "own trades by REST differ from those of the socket", at: time)
        try output.drift("own trades by REST have other prices or sizes than those of the user channel", conn: nil, at: time)
        return true
    }

    private func tell(_ listed: Listed, at time: Timestamp) throws {
        let (message, trade) = (listed.message, listed.trade)
        let venueTime = try PolymarketUserMapper.time(message.lastUpdate) ?? listed.happened
        for leg in trade.legs {
            let legKey = PolymarketUserMapper.key(trade.id, leg)
            // An answer may be older than what the socket has said since.
            if let told = memory.leg(legKey), told.stage >= PolymarketOwnMemory.stage(trade.state) { continue }
            guard memory.take(leg: legKey, trade.state, price: leg.price, size: leg.size) else { continue }
            output.counters.add("own_fills_from_rest")
            try tell(leg, trade, message, conn: nil, venueTime: venueTime, at: time)
        }
    }
}

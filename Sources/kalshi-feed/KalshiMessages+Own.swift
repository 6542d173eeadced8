import FeedSession
import JSON
import MarketModel

/// `fill`, `user_order`, `market_position`: what happens to the account's own. Source: venues dossier §3.6.
struct KalshiFillMessage {
    let ticker: JSONText
    let fill: OwnFill
    let time: Timestamp?
}

struct KalshiOrderMessage {
    let ticker: JSONText
    let order: OwnOrder
    let time: Timestamp?
}

struct KalshiPositionMessage {
    let ticker: JSONText
    let position: OwnPosition
}

/// Which side of YES an own order or fill is on, in the ways in which the venue has told it.
private struct KalshiOwnSide {
    var (outcomeSide, bookSide): (JSONText?, JSONText?)
    /// Deprecated: the contract that was named, and what was done with it.
    var (side, action): (JSONText?, JSONText?)
    var isYes: Bool?

    /// Outcome `yes` and book side `bid` buy YES. nil where nothing tells it.
    func judge() throws -> OwnSide? {
        let byOutcome = try KalshiOwnSide.side(outcomeSide, buys: "yes", sells: "no", "outcome_side")
        let byBook = try KalshiOwnSide.side(bookSide, buys: "bid", sells: "ask", "book_side")
        if let byOutcome, let byBook, byOutcome != byBook { throw KalshiFault.contradiction("outcome_side and book_side") }
        if let told = byOutcome ?? byBook { return told }
        if let named = try KalshiOwnSide.side(side, buys: "yes", sells: "no", "side") {
            guard let action else { return named }
            guard action.isEqual(to: "buy") || action.isEqual(to: "sell") else { throw KalshiFault.wrong("action") }
            return action.isEqual(to: "buy") == (named == .buy) ? .buy : .sell
        }
        return isYes.map { $0 ? .buy : .sell }
    }

    private static func side(_ text: JSONText?, buys: StaticString, sells: StaticString, _ field: StaticString) throws -> OwnSide? {
        guard let text, !text.isEmpty else { return nil }
        if text.isEqual(to: buys) { return .buy }
        guard text.isEqual(to: sells) else { throw KalshiFault.wrong(field) }
        return .sell
    }

    /// Takes one field; false if it is not one of these.
    mutating func take(_ key: JSONText, _ scanner: inout JSONScanner) throws -> Bool {
        if key.isEqual(to: "outcome_side") {
            outcomeSide = try scanner.optionalText("outcome_side")
        } else if key.isEqual(to: "book_side") {
            bookSide = try scanner.optionalText("book_side")
        } else if key.isEqual(to: "side") {
            side = try scanner.optionalText("side")
        } else if key.isEqual(to: "action") {
            action = try scanner.optionalText("action")
        } else if key.isEqual(to: "is_yes"), try scanner.peekKind() == .bool {
            isYes = try scanner.bool()
        } else {
            return false
        }
        return true
    }
}

extension KalshiFillMessage {
    init(_ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        var (ticker, tradeID, orderID, clientID): (JSONText?, JSONText?, JSONText?, JSONText?)
        var side = KalshiOwnSide()
        var price: Price?
        var size: Size?
        var isTaker: Bool?
        var fee: Int64?
        var (fine, coarse): (Timestamp?, Timestamp?)
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if try side.take(key, &scanner) { continue }
            if key.isEqual(to: "trade_id") {
                tradeID = try scanner.text("trade_id")
            } else if key.isEqual(to: "order_id") {
                orderID = try scanner.optionalText("order_id")
            } else if key.isEqual(to: "client_order_id") {
                clientID = try scanner.optionalText("client_order_id")
            } else if key.isEqual(to: "market_ticker") {
                ticker = try scanner.text("market_ticker")
            } else if key.isEqual(to: "is_taker"), try scanner.peekKind() == .bool {
                isTaker = try scanner.bool()
            } else if key.isEqual(to: "yes_price_dollars") {
                price = try scanner.dollars("yes_price_dollars")
            } else if key.isEqual(to: "count_fp") {
                size = try scanner.count("count_fp")
            } else if key.isEqual(to: "fee_cost") {
                fee = try scanner.optionalDecimal("fee_cost")
            } else if key.isEqual(to: "ts_ms") {
                fine = try scanner.looseTime(microsEach: 1000)
            } else if key.isEqual(to: "ts") {
                coarse = try scanner.looseTime(microsEach: 1_000_000)
            } else {
                try scanner.skipOwn(key, .fill, &scratch)
            }
        }
        guard let ticker, !ticker.isEmpty else { throw KalshiFault.missing("market_ticker") }
        guard let tradeID else { throw KalshiFault.missing("trade_id") }
        guard let price else { throw KalshiFault.missing("yes_price_dollars") }
        guard let size else { throw KalshiFault.missing("count_fp") }
        guard let side = try side.judge() else { throw KalshiFault.missing("outcome_side") }
        let fill = OwnFill(
            tradeID: tradeID, orderID: orderID.unlessEmpty, clientID: clientID.unlessEmpty, side: side, price: price, size: size,
            isTaker: isTaker, fee: fee, state: nil, transaction: nil)
        self.init(ticker: ticker, fill: fill, time: fine ?? coarse)
    }
}

extension KalshiOrderMessage {
    init(_ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        var (ticker, id, clientID, status, reason): (JSONText?, JSONText?, JSONText?, JSONText?, JSONText?)
        var side = KalshiOwnSide()
        var price: Price?
        var (size, filled, remaining): (Size?, Size?, Size?)
        var (updated, created): (Timestamp?, Timestamp?)
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if try side.take(key, &scanner) { continue }
            if key.isEqual(to: "order_id") {
                id = try scanner.text("order_id")
            } else if key.isEqual(to: "client_order_id") {
                clientID = try scanner.optionalText("client_order_id")
            } else if key.isEqual(to: "ticker") || key.isEqual(to: "market_ticker") {
                ticker = try scanner.text("ticker")
            } else if key.isEqual(to: "status") {
                status = try scanner.text("status")
            } else if key.isEqual(to: "yes_price_dollars") {
                price = try scanner.dollars("yes_price_dollars")
            } else if key.isEqual(to: "initial_count_fp") {
                size = try scanner.count("initial_count_fp")
            } else if key.isEqual(to: "fill_count_fp") {
                filled = try scanner.count("fill_count_fp")
            } else if key.isEqual(to: "remaining_count_fp") {
                remaining = try scanner.count("remaining_count_fp")
            } else if key.isEqual(to: "last_update_reason") {
                reason = try scanner.optionalText("last_update_reason")
            } else if key.isEqual(to: "last_updated_ts_ms") {
                updated = try scanner.looseTime(microsEach: 1000)
            } else if key.isEqual(to: "created_ts_ms") {
                created = try scanner.looseTime(microsEach: 1000)
            } else {
                try scanner.skipOwn(key, .userOrder, &scratch)
            }
        }
        guard let ticker, !ticker.isEmpty else { throw KalshiFault.missing("ticker") }
        guard let id else { throw KalshiFault.missing("order_id") }
        guard let status else { throw KalshiFault.missing("status") }
        guard let filled else { throw KalshiFault.missing("fill_count_fp") }
        guard let remaining else { throw KalshiFault.missing("remaining_count_fp") }
        let order = OwnOrder(
            id: id, clientID: clientID.unlessEmpty, side: try side.judge(), price: price, size: size, filled: filled, remaining: remaining,
            state: KalshiOrderMessage.state(status), reason: reason.unlessEmpty)
        self.init(ticker: ticker, order: order, time: updated ?? created)
    }

    private static func state(_ status: JSONText) -> OwnOrder.State {
        if status.isEqual(to: "resting") { return .open }
        if status.isEqual(to: "executed") { return .filled }
        return status.isEqual(to: "canceled") ? .canceled : .unknown
    }
}

extension KalshiPositionMessage {
    init(_ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        var ticker: JSONText?
        var (size, cost, pnl, fees): (Int64?, Int64?, Int64?, Int64?)
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "market_ticker") {
                ticker = try scanner.text("market_ticker")
            } else if key.isEqual(to: "position_fp") {
                size = try scanner.change("position_fp")
            } else if key.isEqual(to: "position_cost_dollars") {
                cost = try scanner.optionalDecimal("position_cost_dollars")
            } else if key.isEqual(to: "realized_pnl_dollars") {
                pnl = try scanner.optionalDecimal("realized_pnl_dollars")
            } else if key.isEqual(to: "fees_paid_dollars") {
                fees = try scanner.optionalDecimal("fees_paid_dollars")
            } else {
                try scanner.skipOwn(key, .marketPosition, &scratch)
            }
        }
        guard let ticker, !ticker.isEmpty else { throw KalshiFault.missing("market_ticker") }
        guard let size else { throw KalshiFault.missing("position_fp") }
        self.init(ticker: ticker, position: OwnPosition(size: size, cost: cost, realizedPnl: pnl, feesPaid: fees))
    }
}

extension JSONText? {
    /// nil also for a text with nothing in it, which says nothing.
    fileprivate var unlessEmpty: JSONText? { flatMap { $0.isEmpty ? nil : $0 } }
}

extension JSONScanner {
    /// Steps over a field of an own message; notes it where it was never seen.
    fileprivate mutating func skipOwn(_ key: JSONText, _ type: KalshiMessageType, _ scratch: inout KalshiScratch) throws {
        let unused: [StaticString] = [
            "exchange_index", "purchased_side", "subaccount", "subaccount_number", "post_position_fp", "user_id", "volume_fp",
            "position_fee_cost_dollars", "taker_fill_cost_dollars", "maker_fill_cost_dollars", "taker_fees_dollars", "maker_fees_dollars",
            "order_group_id", "self_trade_prevention_type", "created_time", "last_update_time", "expiration_time", "expiration_ts_ms",
            "is_yes", "is_taker",
        ]
        if !unused.contains(where: { key.isEqual(to: $0) }) { scratch.unknownFields.note(key, in: type) }
        try skipValue()
    }
}

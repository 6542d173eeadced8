import BenchSupport
import JSON

/// New markets, ends of markets, and the account's own messages.
extension PolymarketFrames {
    private static let feeSchedule = "{\"exponent\":\"1\",\"rate\":\"0.04\",\"taker_only\":true,\"rebate_rate\":\"0.25\"}"

    /// A market that was not there before.
    func newMarket(_ number: Int, to buffer: inout ByteBuffer) {
        let question = 1_000_000 + number
        let condition = String(decoding: Names.condition(question), as: UTF8.self)
        let tokens = [true, false].map { String(decoding: Names.token(question, isYes: $0), as: UTF8.self) }
        let title = "Will it be above \(question)?"
        let about = "This market will resolve to \\\"Yes\\\" if it happens."
        let list = "[\"\(tokens[0])\",\"\(tokens[1])\"]"
        buffer.append(utf8: "{\"id\":\"\(question)\",\"question\":\"\(title)\",\"market\":\"\(condition)\"")
        buffer.append(utf8: ",\"slug\":\"is-above-\(question)\"")
        buffer.append(utf8: ",\"description\":\"\(about)\",\"assets_ids\":\(list),\"outcomes\":[\"Yes\",\"No\"]")
        buffer.append(utf8: ",\"event_message\":{\"id\":\"9\",\"ticker\":\"t\",\"slug\":\"is-above\",\"title\":\"\(title)\"")
        buffer.append(utf8: ",\"description\":\"\(about)\"}")
        buffer.append(utf8: ",\"timestamp\":\"1790267107221\",\"event_type\":\"new_market\",\"tags\":[],\"condition_id\":\"\(condition)\"")
        buffer.append(utf8: ",\"active\":false,\"clob_token_ids\":\(list),\"sports_market_type\":\"\",\"line\":\"\"")
        buffer.append(utf8: ",\"order_price_min_tick_size\":\"0.01\",\"group_item_title\":\"\",\"taker_base_fee\":\"1000\"")
        buffer.append(utf8: ",\"fees_enabled\":true,\"fee_schedule\":\(PolymarketFrames.feeSchedule)}")
    }

    /// The end of that market.
    func marketResolved(_ number: Int, to buffer: inout ByteBuffer) {
        let question = 1_000_000 + number
        let condition = String(decoding: Names.condition(question), as: UTF8.self)
        let tokens = [true, false].map { String(decoding: Names.token(question, isYes: $0), as: UTF8.self) }
        buffer.append(utf8: "{\"id\":\"\(question)\",\"market\":\"\(condition)\",\"assets_ids\":[\"\(tokens[0])\",\"\(tokens[1])\"]")
        buffer.append(utf8: ",\"winning_asset_id\":\"\(tokens[0])\",\"winning_outcome\":\"Yes\",\"timestamp\":\"1790267207221\"")
        buffer.append(utf8: ",\"event_type\":\"market_resolved\",\"tags\":[]}")
    }

    /// An order of the account's owner.
    mutating func order(_ number: Int, to buffer: inout ByteBuffer) {
        appendOwn("order", number, to: &buffer)
        buffer.append(",\"original_size\":\"100\",\"size_matched\":\"0\",\"price\":\"0.49\",\"associate_trades\":null,\"outcome\":\"Yes\"")
        buffer.append(",\"type\":\"PLACEMENT\",\"status\":\"LIVE\",\"timestamp\":\"1790267107221\"}")
    }

    /// A fill of it, as its taker.
    mutating func trade(_ number: Int, to buffer: inout ByteBuffer) {
        appendOwn("trade", number, to: &buffer)
        buffer.append(",\"type\":\"TRADE\",\"taker_order_id\":\"0xtaker\",\"size\":\"10\",\"price\":\"0.49\",\"status\":\"MATCHED\"")
        buffer.append(",\"match_time\":\"1790267107\",\"trade_owner\":\"k\",\"transaction_hash\":\"\",\"maker_orders\":[]")
        buffer.append(",\"trader_side\":\"TAKER\"}")
    }

    private mutating func appendOwn(_ type: StaticString, _ number: Int, to buffer: inout ByteBuffer) {
        let question = question()
        buffer.append("{\"event_type\":\"")
        buffer.append(type)
        buffer.append("\",\"id\":\"0x")
        buffer.append(integer: Int64(number))
        buffer.append("\",\"owner\":\"k\",\"market\":\"")
        buffer.append(conditions[question])
        buffer.append("\",\"asset_id\":\"")
        buffer.append(tokens[question].yes)
        buffer.append("\",\"side\":\"BUY\"")
    }
}

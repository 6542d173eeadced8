import BenchSupport
import JSON
import MarketModel

/// Frames of Kalshi's channels about books that never were, spelled as the venue spells them.
struct KalshiFrames {
    /// The subscriptions, by their numbers.
    enum Sid: Int64 {
        case book = 1
        case trade, ticker, lifecycle, fill, order, position
    }

    private var exchange: Exchange
    private var chance: Chance
    private var seqs = [Int64](repeating: 0, count: 8)
    let tickers: [[UInt8]]
    private let market = Array("8e5ca362-fdde-f0e0-40e6-ce4cc620bb39".utf8)

    init(_ size: CorpusSize) {
        exchange = Exchange(size, seed: 21)
        chance = Chance(seed: 22)
        tickers = (0..<size.questions).map(Names.ticker)
    }

    mutating func question() -> Int { exchange.question() }

    /// The head of a message, up to its ticker.
    private mutating func begin(_ type: StaticString, _ sid: Sid, isNumbered: Bool = true, _ question: Int, to buffer: inout ByteBuffer) {
        begin(type, sid, isNumbered: isNumbered, to: &buffer)
        buffer.append("\"market_ticker\":\"")
        buffer.append(tickers[question])
        buffer.append("\"")
    }

    /// The head of a message of any kind.
    private mutating func begin(_ type: StaticString, _ sid: Sid, isNumbered: Bool, to buffer: inout ByteBuffer) {
        buffer.append("{\"type\":\"")
        buffer.append(type)
        buffer.append("\",\"sid\":")
        buffer.append(integer: sid.rawValue)
        if isNumbered {
            seqs[Int(sid.rawValue)] += 1
            buffer.append(",\"seq\":")
            buffer.append(integer: seqs[Int(sid.rawValue)])
        }
        buffer.append(",\"msg\":{")
    }

    /// `0.4900`: four decimals.
    private func dollars(_ key: StaticString, _ millionths: Int64, to buffer: inout ByteBuffer) {
        buffer.append(key)
        buffer.append(millionths: millionths)
        let cents = millionths / 10_000
        buffer.append(cents % 100 == 0 ? ".0000\"" : cents % 10 == 0 ? "000\"" : "00\"")
    }

    private func count(_ key: StaticString, _ millionths: Int64, to buffer: inout ByteBuffer) {
        buffer.append(key)
        buffer.append(millionths: millionths)
        buffer.append("\"")
    }

    private mutating func moment(to buffer: inout ByteBuffer) {
        buffer.append(",\"ts_ms\":")
        buffer.append(integer: 1_790_267_100_000 + Int64(chance.below(1_000_000)))
        buffer.append("}}\n")
    }

    // MARK: Books

    mutating func snapshot(_ question: Int, to buffer: inout ByteBuffer) {
        begin("orderbook_snapshot", .book, question, to: &buffer)
        buffer.append(",\"market_id\":\"")
        buffer.append(market)
        buffer.append("\",\"yes_dollars_fp\":[")
        levels(exchange.levels(question, .bid), to: &buffer)
        buffer.append("],\"no_dollars_fp\":[")
        levels(exchange.levels(question, .ask), to: &buffer)
        buffer.append("]}}\n")
    }

    /// Worst first, as the venue has them.
    private func levels(_ levels: [Level], to buffer: inout ByteBuffer) {
        for (index, level) in levels.reversed().enumerated() {
            dollars(index == 0 ? "[\"" : ",[\"", level.price.millionths, to: &buffer)
            count(",\"", level.size.millionths, to: &buffer)
            buffer.append("]")
        }
    }

    /// A change that changes something.
    mutating func delta(to buffer: inout ByteBuffer) {
        let question = question()
        var (side, level, before) = exchange.change(question)
        while level.size.millionths == before { (side, level, before) = exchange.change(question) }
        begin("orderbook_delta", .book, question, to: &buffer)
        buffer.append(",\"market_id\":\"")
        buffer.append(market)
        dollars("\",\"price_dollars\":\"", level.price.millionths, to: &buffer)
        count(",\"delta_fp\":\"", level.size.millionths - before, to: &buffer)
        buffer.append(side == .bid ? ",\"side\":\"yes\"" : ",\"side\":\"no\"")
        buffer.append(",\"ts\":\"2026-09-24T16:25:00.067623Z\"")
        moment(to: &buffer)
    }

    // MARK: Others

    mutating func trade(to buffer: inout ByteBuffer) {
        let question = question()
        begin("trade", .trade, question, to: &buffer)
        buffer.append(",\"trade_id\":\"")
        buffer.append(Names.uuid(&chance))
        dollars("\",\"yes_price_dollars\":\"", 490_000, to: &buffer)
        dollars(",\"no_price_dollars\":\"", 510_000, to: &buffer)
        count(",\"count_fp\":\"", exchange.size(), to: &buffer)
        buffer.append(",\"taker_side\":\"no\",\"taker_outcome_side\":\"no\",\"taker_book_side\":\"ask\",\"is_block_trade\":false")
        buffer.append(",\"ts\":1790267101")
        moment(to: &buffer)
    }

    mutating func ticker(to buffer: inout ByteBuffer) {
        let question = question()
        begin("ticker", .ticker, isNumbered: false, question, to: &buffer)
        dollars(",\"price_dollars\":\"", 490_000, to: &buffer)
        dollars(",\"yes_bid_dollars\":\"", 480_000, to: &buffer)
        dollars(",\"yes_ask_dollars\":\"", 500_000, to: &buffer)
        count(",\"volume_fp\":\"", exchange.size(), to: &buffer)
        count(",\"open_interest_fp\":\"", exchange.size(), to: &buffer)
        buffer.append(",\"dollar_volume\":0,\"dollar_open_interest\":0")
        count(",\"yes_bid_size_fp\":\"", exchange.size(), to: &buffer)
        count(",\"yes_ask_size_fp\":\"", exchange.size(), to: &buffer)
        buffer.append(",\"last_trade_size_fp\":\"0.00\",\"ts\":1790267100,\"time\":\"2026-09-24T16:25:00.095513Z\"")
        moment(to: &buffer)
    }

    /// - Parameter isPaused: Trading stops, or goes on.
    mutating func lifecycle(_ question: Int, isPaused: Bool, to buffer: inout ByteBuffer) {
        begin("market_lifecycle_v2", .lifecycle, question, to: &buffer)
        buffer.append(isPaused ? ",\"is_deactivated\":true" : ",\"is_deactivated\":false")
        buffer.append(",\"event_type\":\"deactivated\"}}\n")
    }

    // MARK: Events

    mutating func eventLifecycle(_ number: Int, to buffer: inout ByteBuffer) {
        begin("event_lifecycle", .lifecycle, isNumbered: true, to: &buffer)
        buffer.append(utf8: "\"event_ticker\":\"KXWHOWINS-\(number)\",\"exchange_index\":0,\"title\":\"Who wins?\",\"subtitle\":\"\"")
        buffer.append(",\"collateral_return_type\":\"MECNET\",\"series_ticker\":\"KXWHOWINS\"}}\n")
    }

    mutating func eventFeeUpdate(_ number: Int, to buffer: inout ByteBuffer) {
        begin("event_fee_update", .lifecycle, isNumbered: false, to: &buffer)
        buffer.append(utf8: "\"event_ticker\":\"KXWHOWINS-\(number)\",\"fee_type_override\":\"quadratic\"")
        buffer.append(",\"fee_multiplier_override\":0.5}}\n")
    }

    // MARK: The account's own

    mutating func fill(_ number: Int, to buffer: inout ByteBuffer) {
        let question = question()
        begin("fill", .fill, question, to: &buffer)
        buffer.append(utf8: ",\"trade_id\":\"t\(number)\",\"order_id\":\"o\(number)\",\"client_order_id\":\"c\",\"is_taker\":true")
        buffer.append(",\"outcome_side\":\"yes\",\"book_side\":\"bid\"")
        dollars(",\"yes_price_dollars\":\"", 490_000, to: &buffer)
        count(",\"count_fp\":\"", exchange.size(), to: &buffer)
        buffer.append(",\"fee_cost\":\"-0.01\"")
        moment(to: &buffer)
    }

    mutating func order(_ number: Int, to buffer: inout ByteBuffer) {
        let question = question()
        begin("user_order", .order, question, to: &buffer)
        // This message has another key for the ticker.
        buffer.append(",\"ticker\":\"")
        buffer.append(tickers[question])
        buffer.append(utf8: "\",\"order_id\":\"o\(number)\",\"status\":\"resting\",\"side\":\"no\",\"action\":\"buy\",\"is_yes\":false")
        dollars(",\"yes_price_dollars\":\"", 490_000, to: &buffer)
        buffer.append(",\"initial_count_fp\":\"3.00\",\"fill_count_fp\":\"1.00\",\"remaining_count_fp\":\"2.00\"")
        buffer.append(",\"last_updated_ts_ms\":1790267100000}}\n")
    }

    mutating func position(to buffer: inout ByteBuffer) {
        let question = question()
        begin("market_position", .position, question, to: &buffer)
        count(",\"position_fp\":\"", exchange.size(), to: &buffer)
        buffer.append(",\"position_cost_dollars\":\"1.2345\",\"realized_pnl_dollars\":\"-0.1\",\"fees_paid_dollars\":\"0.02\"}}\n")
    }
}

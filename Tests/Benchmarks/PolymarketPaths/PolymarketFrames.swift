import BenchSupport
import JSON
import MarketModel
import OpenSSL

/// Frames of Polymarket's market channel about books that never were, spelled as the venue spells them.
struct PolymarketFrames {
    private var exchange: Exchange
    private var chance: Chance
    private var millis: Int64 = 1_790_267_100_000
    let tokens: [(yes: [UInt8], no: [UInt8])]
    let conditions: [[UInt8]]

    init(_ size: CorpusSize) {
        exchange = Exchange(size, seed: 11)
        chance = Chance(seed: 12)
        tokens = (0..<size.questions).map { (Names.token($0, isYes: true), Names.token($0, isYes: false)) }
        conditions = (0..<size.questions).map(Names.condition)
    }

    mutating func question() -> Int { exchange.question() }

    private mutating func stamp() -> Int64 {
        millis += Int64(1 + chance.below(3))
        return millis
    }

    // MARK: Books

    /// A whole book, alone in its array.
    mutating func book(_ question: Int, isYes: Bool, to buffer: inout ByteBuffer) {
        let stamp = stamp()
        buffer.append("[{\"market\":\"")
        buffer.append(conditions[question])
        buffer.append("\",\"asset_id\":\"")
        buffer.append(token(question, isYes))
        buffer.append("\",\"timestamp\":\"")
        buffer.append(integer: stamp)
        buffer.append("\",\"hash\":\"")
        buffer.append(utf8: hash(question, isYes, stamp))
        buffer.append("\",\"bids\":[")
        appendLevels(question, isYes, .bid, to: &buffer)
        buffer.append("],\"asks\":[")
        appendLevels(question, isYes, .ask, to: &buffer)
        buffer.append("],\"tick_size\":\"0.01\",\"event_type\":\"book\",\"last_trade_price\":\"0.490\"}]")
    }

    private func token(_ question: Int, _ isYes: Bool) -> [UInt8] { isYes ? tokens[question].yes : tokens[question].no }

    private func levels(_ question: Int, _ isYes: Bool, _ side: Side) -> [Level] {
        if isYes { return exchange.levels(question, side) }
        return Exchange.mirrored(exchange.levels(question, side == .bid ? .ask : .bid))
    }

    private func appendLevels(_ question: Int, _ isYes: Bool, _ side: Side, to buffer: inout ByteBuffer) {
        // Worst first, as the venue has them.
        for (index, level) in levels(question, isYes, side).reversed().enumerated() {
            buffer.append(index == 0 ? "{\"price\":\"" : ",{\"price\":\"")
            buffer.append(millionths: level.price.millionths)
            buffer.append("\",\"size\":\"")
            buffer.append(millionths: level.size.millionths)
            buffer.append("\"}")
        }
    }

    /// The venue's hash over the book as it stands.
    mutating func hash(_ question: Int, _ isYes: Bool, _ stamp: Int64) -> String {
        var text = ByteBuffer()
        text.append("{\"market\":\"")
        text.append(conditions[question])
        text.append("\",\"asset_id\":\"")
        text.append(token(question, isYes))
        text.append("\",\"timestamp\":\"")
        text.append(integer: stamp)
        text.append("\",\"hash\":\"\",\"bids\":[")
        appendLevels(question, isYes, .bid, to: &text)
        text.append("],\"asks\":[")
        appendLevels(question, isYes, .ask, to: &text)
        text.append("],\"min_order_size\":\"5\",\"tick_size\":\"0.01\",\"neg_risk\":true,\"last_trade_price\":\"0.490\"}")
        return Digest.hex(.sha1, of: text.bytes)
    }

    // MARK: Changes

    /// One change, told of both outcomes.
    mutating func priceChange(to buffer: inout ByteBuffer) {
        let question = question()
        let (side, level, _) = exchange.change(question)
        let stamp = stamp()
        buffer.append("{\"market\":\"")
        buffer.append(conditions[question])
        buffer.append("\",\"price_changes\":[")
        entry(question, true, side, level, stamp, to: &buffer)
        buffer.append(",")
        entry(question, false, side == .bid ? .ask : .bid, Exchange.mirrored([level])[0], stamp, to: &buffer)
        buffer.append("],\"timestamp\":\"")
        buffer.append(integer: stamp)
        buffer.append("\",\"event_type\":\"price_change\"}")
    }

    private mutating func entry(
        _ question: Int, _ isYes: Bool, _ side: Side, _ level: Level, _ stamp: Int64, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"asset_id\":\"")
        buffer.append(token(question, isYes))
        buffer.append("\",\"price\":\"")
        buffer.append(millionths: level.price.millionths)
        buffer.append("\",\"size\":\"")
        buffer.append(millionths: level.size.millionths)
        buffer.append(side == .bid ? "\",\"side\":\"BUY\",\"hash\":\"" : "\",\"side\":\"SELL\",\"hash\":\"")
        buffer.append(utf8: hash(question, isYes, stamp))
        appendTops(question, isYes, to: &buffer)
        buffer.append("\"}")
    }

    private func appendTops(_ question: Int, _ isYes: Bool, to buffer: inout ByteBuffer) {
        buffer.append("\",\"best_bid\":\"")
        buffer.append(millionths: levels(question, isYes, .bid)[0].price.millionths)
        buffer.append("\",\"best_ask\":\"")
        buffer.append(millionths: levels(question, isYes, .ask)[0].price.millionths)
    }

    // MARK: Others

    /// What begins every message about one token.
    private func begin(_ question: Int, to buffer: inout ByteBuffer) {
        buffer.append("{\"market\":\"")
        buffer.append(conditions[question])
        buffer.append("\",\"asset_id\":\"")
        buffer.append(tokens[question].yes)
    }

    private mutating func end(_ type: StaticString, to buffer: inout ByteBuffer) {
        buffer.append("\",\"timestamp\":\"")
        buffer.append(integer: stamp())
        buffer.append("\",\"event_type\":\"")
        buffer.append(type)
        buffer.append("\"}")
    }

    mutating func lastTradePrice(to buffer: inout ByteBuffer) {
        let question = question()
        begin(question, to: &buffer)
        buffer.append("\",\"price\":\"0.49\",\"size\":\"")
        buffer.append(millionths: exchange.size())
        buffer.append("\",\"fee_rate_bps\":\"0\",\"side\":\"BUY\",\"transaction_hash\":\"0x")
        buffer.append(Names.hex(64, &chance))
        end("last_trade_price", to: &buffer)
    }

    mutating func bestBidAsk(to buffer: inout ByteBuffer) {
        let question = question()
        // A top that is another than before: one that says the same again is no news.
        _ = exchange.change(question)
        begin(question, to: &buffer)
        appendTops(question, true, to: &buffer)
        buffer.append("\",\"spread\":\"0.02")
        end("best_bid_ask", to: &buffer)
    }

    /// - Parameter isFine: Whether the ticks become thousandths, or hundredths again.
    mutating func tickSizeChange(_ question: Int, isFine: Bool, to buffer: inout ByteBuffer) {
        begin(question, to: &buffer)
        buffer.append(isFine ? "\",\"old_tick_size\":\"0.01" : "\",\"old_tick_size\":\"0.001")
        buffer.append(isFine ? "\",\"new_tick_size\":\"0.001" : "\",\"new_tick_size\":\"0.01")
        end("tick_size_change", to: &buffer)
    }
}

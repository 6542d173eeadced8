internal import JSON
internal import MarketModel

/// Writes one line of the event corpus.
struct EventLine {
    private static let fee = "{\"model\":\"quadratic\",\"taker_rate\":0.07,\"maker_rate\":0,\"exponent\":1,\"multiplier\":1}"
    private static let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    private static let counters = "{\"frames_in\":100000,\"lines_book_delta\":95000,\"lines_trade\":1200,\"status_live\":1}"

    let kind: EventKind
    let received: Timestamp

    init(_ kind: EventKind, received: Timestamp) {
        self.kind = kind
        self.received = received
    }

    private var isOwn: Bool { kind == .ownOrder || kind == .ownFill || kind == .ownPosition }

    func write(_ instrument: inout EventInstrument, _ exchange: inout Exchange, to buffer: inout ByteBuffer) {
        switch kind {
        case .bookSnapshot, .bookDelta: instrument.seq += 1
        default: break
        }
        let origin = kind.isMarketData || isOwn ? instrument.origin : EventLine.stage(kind)
        let venueTime = kind.isMarketData && kind != .instrument ? Timestamp(micros: received.micros - 41_000) : nil
        buffer.beginEvent(
            kind, origin, conn: kind.isMarketData ? 1 : nil, seq: kind.isBook ? instrument.seq : nil, received: received,
            venueTime: venueTime)
        writePayload(instrument, &exchange, to: &buffer)
        buffer.endEvent()
    }

    private static func stage(_ kind: EventKind) -> EventOrigin {
        switch kind {
        case .feedStatus: EventOrigin(feed: "pm", venue: "polymarket")
        case .stageStatus: EventOrigin(feed: "mkt-merge", venue: "mktpipe")
        default: EventOrigin(feed: "mkt-decide", venue: "mktpipe")
        }
    }

    private func writePayload(_ instrument: EventInstrument, _ exchange: inout Exchange, to buffer: inout ByteBuffer) {
        switch kind {
        case .instrument: writeFacts(instrument, to: &buffer)
        case .bookSnapshot:
            buffer.append(.bids, levels: instrument.levels(.bid, exchange))
            buffer.append(.asks, levels: instrument.levels(.ask, exchange))
            buffer.append(.reason, word: "refresh")
        case .bookDelta: writeDelta(instrument, &exchange, to: &buffer)
        case .quote, .ticker: writeTops(instrument, &exchange, to: &buffer)
        case .trade: writeTrade(instrument, &exchange, to: &buffer)
        case .marketStatus: buffer.append(.state, word: "open")
        case .resolution:
            buffer.append(.settlementPrice, millionths: 1_000_000)
            buffer.append(.outcomeWon, bool: true)
        case .feedStatus:
            buffer.append(.state, word: "heartbeat")
            writeCounters(to: &buffer)
        case .stageStatus:
            buffer.append(.stage, word: "mkt-merge")
            buffer.append(.state, word: "heartbeat")
            writeCounters(to: &buffer)
        case .ownOrder, .ownFill, .ownPosition, .ownAccount: writeOwn(&exchange, to: &buffer)
        case .reference:
            buffer.append(.lines, integer: 1000)
            buffer.appendKey(.content)
            buffer.append("{\"links\":[],\"values\":[]}")
            buffer.append(.rules, string: EventLine.digest)
            buffer.append(.data, string: EventLine.digest)
        case .decision: writeDecision(instrument, &exchange, to: &buffer)
        }
    }

    private func writeCounters(to buffer: inout ByteBuffer) {
        buffer.appendKey(.counters)
        buffer.append(utf8: EventLine.counters)
    }

    private func writeFacts(_ instrument: EventInstrument, to buffer: inout ByteBuffer) {
        let isYes = instrument.outcome != .polymarketNo
        buffer.append(.outcome, word: isYes ? "Yes" : "No")
        buffer.append(.question, string: "Will it be above \(10_000 + instrument.question) on September 25?")
        buffer.append(.event, string: String(decoding: Names.event(instrument.question), as: UTF8.self))
        if instrument.outcome != .kalshiYes {
            buffer.append(.slug, string: String(decoding: Names.slug(instrument.question), as: UTF8.self))
            buffer.append(.complement, string: String(decoding: Names.token(instrument.question, isYes: !isYes), as: UTF8.self))
        }
        buffer.append(.state, word: "open")
        buffer.append(.tickSize, millionths: 10_000)
        buffer.append(.minSize, millionths: 5_000_000)
        buffer.append(.openUs, integer: 1_789_999_200_000_000)
        buffer.append(.closeUs, integer: 1_798_750_800_000_000)
        buffer.appendKey(.fee)
        buffer.append(utf8: EventLine.fee)
        buffer.append(.negRisk, word: "standard")
    }

    private func writeDelta(_ instrument: EventInstrument, _ exchange: inout Exchange, to buffer: inout ByteBuffer) {
        var (side, level, _) = exchange.change(instrument.question)
        if instrument.outcome == .polymarketNo {
            level.price = level.price.complement
            side = side == .bid ? .ask : .bid
        }
        buffer.append(.bids, levels: side == .bid ? [level] : [])
        buffer.append(.asks, levels: side == .ask ? [level] : [])
    }

    private func writeTops(_ instrument: EventInstrument, _ exchange: inout Exchange, to buffer: inout ByteBuffer) {
        if kind == .ticker {
            buffer.append(.lastPrice, millionths: 490_000)
            buffer.append(.volume, millionths: exchange.size())
            buffer.append(.openInterest, millionths: exchange.size())
        }
        buffer.append(.bid, quote: instrument.levels(.bid, exchange).first.map { Quote($0) })
        buffer.append(.ask, quote: instrument.levels(.ask, exchange).first.map { Quote($0) })
    }

    private func writeTrade(_ instrument: EventInstrument, _ exchange: inout Exchange, to buffer: inout ByteBuffer) {
        let side: Side = exchange.below(2) == 0 ? .bid : .ask
        buffer.append(.price, millionths: instrument.levels(side, exchange).first?.price.millionths ?? 500_000)
        buffer.append(.size, millionths: exchange.size())
        buffer.append(.aggressorSide, word: side == .bid ? "sell" : "buy")
        var chance = Chance(seed: UInt64(exchange.below(1 << 40)))
        let isKalshi = instrument.outcome == .kalshiYes
        let id = isKalshi ? Names.uuid(&chance) : Array("0x".utf8) + Names.hex(64, &chance)
        buffer.appendKey(isKalshi ? .tradeID : .tx)
        buffer.append("\"")
        buffer.append(id)
        buffer.append("\"")
    }
}

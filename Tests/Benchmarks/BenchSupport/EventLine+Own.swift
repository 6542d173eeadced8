internal import JSON
internal import MarketModel

/// Lines about an account, and decisions.
extension EventLine {
    func writeOwn(_ exchange: inout Exchange, to buffer: inout ByteBuffer) {
        let id = "0x\(String(exchange.below(1 << 60), radix: 16))"
        switch kind {
        case .ownOrder:
            buffer.append(.orderID, string: id)
            buffer.append(.clientID, string: "mine-\(exchange.below(1000))")
            buffer.append(.side, word: "buy")
            buffer.append(.price, millionths: 490_000)
            buffer.append(.size, millionths: 100_000_000)
            buffer.append(.filled, millionths: 25_000_000)
            buffer.append(.remaining, millionths: 75_000_000)
            buffer.append(.state, word: "open")
        case .ownFill:
            buffer.append(.tradeID, string: id)
            buffer.append(.orderID, string: id)
            buffer.append(.side, word: "buy")
            buffer.append(.price, millionths: 490_000)
            buffer.append(.size, millionths: exchange.size())
            buffer.append(.isTaker, bool: true)
            buffer.append(.fee, millionths: 17_500)
            buffer.append(.state, word: "matched")
        case .ownPosition:
            buffer.append(.size, millionths: exchange.size())
            buffer.append(.cost, millionths: 49_000_000)
            buffer.append(.realizedPnl, millionths: -1_250_000)
            buffer.append(.feesPaid, millionths: 20_000)
        default:
            buffer.append(.rule, string: "wide")
            buffer.append(.realizedPnl, millionths: -1_250_000)
            buffer.append(.feesPaid, millionths: 20_000)
            buffer.append(.unrealizedPnl, millionths: 2_250_000)
            buffer.append(.pnl, millionths: 980_000)
            buffer.append(.positions, integer: 3)
        }
    }

    func writeDecision(_ instrument: EventInstrument, _ exchange: inout Exchange, to buffer: inout ByteBuffer) {
        buffer.append(.rule, string: "wide")
        buffer.append(.strategy, word: "spread")
        buffer.append(.action, word: "signal")
        buffer.append(.id, string: String(exchange.below(1 << 60), radix: 16))
        let market = String(decoding: Names.condition(instrument.question), as: UTF8.self)
        let token = String(decoding: Names.token(instrument.question, isYes: true), as: UTF8.self)
        buffer.appendKey(.legs)
        buffer.append(utf8: "[{\"venue\":\"polymarket\",\"market\":\"\(market)\",\"instrument\":\"\(token)\",\"outcome\":\"Yes\"}]")
        buffer.append(.note, string: "spread 0.06 >= 0.05 (bid 0.4, ask 0.46)")
        buffer.appendKey(.because)
        buffer.append(utf8: "[{\"instrument\":\"\(token)\",\"feed\":\"pm\",\"conn\":1,\"seq\":18,\"recv_us\":\(received.micros)}]")
        buffer.append(.rules, string: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
        buffer.append(.build, string: "0.1.0")
    }
}

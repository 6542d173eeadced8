internal import JSON
internal import MarketModel

/// One instrument of the event corpus: its envelope, spelled once, and where its book stands.
struct EventInstrument {
    enum Outcome: Int, CaseIterable {
        case polymarketYes, polymarketNo, kalshiYes
    }

    let question: Int
    let outcome: Outcome
    let origin: EventOrigin
    /// The length of its id.
    let nameBytes: Int
    var seq: Int64 = 0

    init(_ question: Int, _ outcome: Outcome) {
        self.question = question
        self.outcome = outcome
        let isYes = outcome != .polymarketNo
        let isKalshi = outcome == .kalshiYes
        let market = EventInstrument.text(isKalshi ? Names.ticker(question) : Names.condition(question))
        let name = isKalshi ? market : EventInstrument.text(Names.token(question, isYes: isYes))
        nameBytes = name.utf8.count
        let subject = isKalshi ? market : EventInstrument.text(Names.slug(question))
        origin = EventOrigin(
            feed: isKalshi ? "kalshi" : "pm", venue: isKalshi ? "kalshi" : "polymarket", market: market, instrument: name,
            label: "\(subject)/\(isYes ? "Yes" : "No")")
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// The levels as this outcome has them, best first.
    func levels(_ side: Side, _ exchange: Exchange) -> [Level] {
        guard outcome == .polymarketNo else { return exchange.levels(question, side) }
        return Exchange.mirrored(exchange.levels(question, side == .bid ? .ask : .bid))
    }
}

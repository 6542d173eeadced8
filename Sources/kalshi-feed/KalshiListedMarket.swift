import JSON
import MarketModel

/// One market of a REST answer, in the venue's own names. Source: venues dossier §6.
struct KalshiListedMarket {
    private var ticker: JSONText?
    private var eventTicker: JSONText?
    private var title: JSONText?
    private var subtitle: JSONText?
    private var status: JSONText?
    private var opens: Timestamp?
    private var closes: Timestamp?
    private var priceRanges: [PriceRange]?

    init(_ text: JSONText) throws {
        var scanner = JSONScanner(text)
        guard try scanner.peekKind() == .object else { throw KalshiFault.wrong("market") }
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "ticker") {
                ticker = try scanner.optionalText("ticker")
            } else if key.isEqual(to: "event_ticker") {
                eventTicker = try scanner.optionalText("event_ticker")
            } else if key.isEqual(to: "title") {
                title = try scanner.optionalText("title")
            } else if key.isEqual(to: "yes_sub_title") {
                subtitle = try scanner.optionalText("yes_sub_title")
            } else if key.isEqual(to: "status") {
                status = try scanner.optionalText("status")
            } else if key.isEqual(to: "open_time") {
                opens = try scanner.looseTime(microsEach: 1_000_000)
            } else if key.isEqual(to: "close_time") {
                closes = try scanner.looseTime(microsEach: 1_000_000)
            } else if key.isEqual(to: "price_ranges") {
                priceRanges = try scanner.optionalPriceRanges("price_ranges")
            } else {
                try scanner.skipValue()
            }
        }
        guard let ticker, !ticker.isEmpty else { throw KalshiFault.missing("ticker of a market") }
    }

    /// Notes what it tells.
    func learn(_ registry: KalshiRegistry, at time: Timestamp) throws {
        guard let ticker else { return }
        let market = registry.market(ticker)
        if let eventTicker, !eventTicker.isEmpty { registry.setEvent(eventTicker.string, of: market) }
        market.learn(title: title, subtitle: subtitle)
        if let state = status.flatMap(KalshiListedMarket.state) { market.instrument.facts.state = state }
        if let opens { market.instrument.facts.opens = opens }
        if let closes { market.instrument.facts.closes = closes }
        if let priceRanges { market.instrument.facts.setPriceRanges(priceRanges) }
        try registry.factsChanged(market, at: time)
    }

    /// The words of answers, which are others than those of questions.
    private static func state(_ word: JSONText) -> MarketState? {
        let states: [(StaticString, MarketState)] = [
            ("initialized", .unopened), ("unopened", .unopened), ("active", .open), ("open", .open), ("inactive", .paused),
            ("paused", .paused), ("closed", .closed), ("determined", .determined), ("disputed", .determined),
            ("amended", .determined), ("finalized", .settled), ("settled", .settled),
        ]
        return states.first { word.isEqual(to: $0.0) }?.1
    }
}

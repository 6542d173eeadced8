import FeedSession
import JSON
import MarketModel

/// The life of markets and events. Source: venues dossier §3.5.
extension KalshiMapper {
    private var isWanted: Bool { channels.contains(.lifecycle) }

    func take(_ message: KalshiMarketLifecycle, _ arrival: KalshiArrival) throws {
        guard isNews(message, arrival) else { return output.counters.add("copies") }
        let name = message.eventType
        if name.isEqual(to: "created") {
            try learn(message, state: .unopened, arrival)
        } else if name.isEqual(to: "activated") {
            try learn(message, state: .open, arrival)
        } else if name.isEqual(to: "deactivated") {
            try learn(message, state: message.isDeactivated ?? true ? .paused : .open, arrival)
        } else if name.isEqual(to: "close_date_updated") {
            guard message.closes != nil else { throw KalshiFault.missing("close_ts") }
            try learn(message, state: nil, arrival)
        } else if name.isEqual(to: "price_level_structure_updated") {
            guard message.priceRanges != nil else { throw KalshiFault.missing("price_ranges") }
            try learn(message, state: nil, arrival)
        } else if name.isEqual(to: "metadata_updated") {
            try learn(message, state: nil, arrival)
        } else if name.isEqual(to: "determined") {
            try determine(message, arrival)
        } else if name.isEqual(to: "settled") {
            try learn(message, state: .settled, venueTime: message.settled, arrival)
        } else {
            output.counters.add("unknown_event_type")
            try output.faults.keep(arrival.frame.bytes, reason: "unknown event_type", at: arrival.time)
            try output.drift("event_type \(name.name) of market_lifecycle_v2", conn: arrival.conn, at: arrival.time)
        }
    }

    /// Notes the facts that a message tells, then tells the state.
    private func learn(
        _ message: KalshiMarketLifecycle, state: MarketState?, venueTime: Timestamp? = nil, _ arrival: KalshiArrival
    ) throws {
        if let news {
            if message.eventType.isEqual(to: "created") || message.eventType.isEqual(to: "activated") {
                news.note(.marketMade(ticker: message.ticker.string, event: message.eventTicker?.string))
            } else if state == .settled {
                news.note(.marketSettled(ticker: message.ticker.string))
            }
        }
        guard let market = registry.lifecycleMarket(message.ticker, event: message.eventTicker) else {
            return output.counters.add("lifecycle_of_other_markets")
        }
        let instrument = market.instrument
        market.learn(title: message.title, subtitle: message.subtitle)
        if let event = message.eventTicker, !event.isEmpty { registry.setEvent(event.string, of: market) }
        if let opens = message.opens { instrument.facts.opens = opens }
        if let closes = message.closes { instrument.facts.closes = closes }
        if let ranges = message.priceRanges { instrument.facts.setPriceRanges(ranges) }
        if let state { instrument.facts.state = state }
        try registry.factsChanged(market, at: arrival.time)
        guard isWanted else { return }
        try output.announce(instrument, at: arrival.time)
        guard let state else { return }
        try output.marketStatus(
            instrument, state, reason: nil, conn: arrival.conn, received: arrival.time, venueTime: venueTime)
    }

    /// What a YES contract pays is told where the venue says it beyond doubt.
    private func determine(_ message: KalshiMarketLifecycle, _ arrival: KalshiArrival) throws {
        guard let result = message.result else { throw KalshiFault.missing("result") }
        var hasWon: Bool?
        if result.isEqual(to: "yes") { hasWon = true }
        if result.isEqual(to: "no") { hasWon = false }
        let implied = hasWon.map { $0 ? Price.one : Price.zero }
        let told = message.settlementValue.map { Price(millionths: $0) }
        if let implied, let told, implied != told { throw KalshiFault.contradiction("result and settlement_value") }
        if let told, !told.isProbability { throw KalshiFault.wrong("settlement_value") }
        if hasWon == nil, !result.isEqual(to: "scalar") {
            output.counters.add("unknown_result")
            try output.drift("result \(result.name) of a determined market", conn: arrival.conn, at: arrival.time)
        } else if hasWon == nil, told == nil {
            throw KalshiFault.missing("settlement_value")
        }
        try learn(message, state: .determined, venueTime: message.determined, arrival)
        guard isWanted, let price = told ?? implied, let market = registry.find(message.ticker) else { return }
        try output.resolution(
            market.instrument, settlementPrice: price, hasWon: hasWon, conn: arrival.conn,
            received: arrival.time, venueTime: message.determined)
    }

    /// MarketEvents have no word for events; what it tells of the series is used for fees and selection.
    func take(_ message: KalshiEventLifecycle, _ arrival: KalshiArrival) throws {
        output.counters.add("event_lifecycle")
        guard let series = message.seriesTicker else { return }
        try registry.setSeries(series.string, ofEvent: message.eventTicker.string, at: arrival.time)
    }

    func take(_ message: KalshiEventFeeUpdate, _ arrival: KalshiArrival) throws {
        output.counters.add("event_fee_update")
        try registry.setFee(
            ofEvent: message.eventTicker.string,
            KalshiFees.Terms(type: message.type?.string, multiplier: message.multiplier), at: arrival.time)
    }
}

extension InstrumentFacts {
    /// Price ranges, and the tick size where one holds for all prices.
    mutating func setPriceRanges(_ ranges: [PriceRange]) {
        priceRanges = ranges
        tickSize = ranges.count == 1 ? ranges[0].step : nil
    }
}

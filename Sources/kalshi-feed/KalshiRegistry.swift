import FeedSession
import JSON
import MarketModel

/// Every market that the feed has met, for the life of the process.
final class KalshiRegistry {
    /// What a number stands for; not retained, since no market ever goes.
    private struct Numbered: BitwiseCopyable {
        var market: Unmanaged<KalshiMarket>?
        var instrument: Unmanaged<FeedInstrument>?
    }

    private let output: FeedOutput
    private let selection: KalshiSelection
    private var tickers = ByteTable()
    /// In the order in which they were met.
    private(set) var markets: [KalshiMarket] = []
    /// By the numbers of whoever reads frames ahead. `markets` keeps them all alive.
    private var numbered = FlatStore<Numbered>()
    private var byEvent: [String: [KalshiMarket]] = [:]
    private var bySeries: [String: [KalshiMarket]] = [:]
    private var seriesOfEvent: [String: String] = [:]
    private var fees = KalshiFees()

    init(_ configuration: KalshiConfiguration, _ output: FeedOutput) {
        self.output = output
        selection = configuration.selection
    }

    /// The market, if it was met before.
    @inline(__always)
    func find(_ ticker: JSONText) -> KalshiMarket? {
        guard !ticker.hasEscapes else { return withPlain(ticker.string) { self.find($0) } }
        return tickers.find(ticker).map { markets[$0] }
    }

    /// The same by a number that stands for the ticker, where there is one (not 0).
    @inline(__always)
    func find(_ ticker: JSONText, _ number: UInt32) -> KalshiMarket? {
        if number != 0, number < numbered.count, let market = numbered[Int(number)].market { return market.takeUnretainedValue() }
        guard let market = find(ticker) else { return nil }
        note(market, number)
        return market
    }

    /// The market of a number that stands for the ticker, where there is one (not 0); met now if not before.
    func market(_ ticker: JSONText, _ number: UInt32) -> KalshiMarket {
        if let found = find(ticker, number) { return found }
        let market = market(ticker)
        note(market, number)
        return market
    }

    private func note(_ market: KalshiMarket, _ number: UInt32) {
        guard number != 0 else { return }
        while numbered.count <= Int(number) { numbered.append(Numbered()) }
        numbered[Int(number)] = Numbered(market: .passUnretained(market), instrument: .passUnretained(market.instrument))
    }

    /// The market, met now if not before.
    func market(_ ticker: JSONText) -> KalshiMarket {
        guard !ticker.hasEscapes else { return withPlain(ticker.string) { self.market($0) } }
        let (index, isNew) = tickers.intern(ticker)
        guard isNew else { return markets[index] }
        let id = ticker.string
        let instrument = FeedInstrument(feed: output.settings.name, venue: output.settings.venue, market: id, id: id)
        if output.settings.hasLabels { instrument.setLabel("\(id)/Yes") }
        instrument.facts.outcome = "Yes"
        let market = KalshiMarket(index: index, instrument)
        markets.append(market)
        bySeries[market.series, default: []].append(market)
        instrument.facts.fee = fees.fee(series: market.series, event: nil)
        instrument.isShown = selection.includes(market)
        return market
    }

    /// The market of a lifecycle message, which come for all the exchange: one that nobody asked for is not remembered.
    func lifecycleMarket(_ ticker: JSONText, event: JSONText?) -> KalshiMarket? {
        if let found = find(ticker) { return found }
        if !selection.isEverything {
            let name = ticker.string
            let series = event.flatMap { seriesOfEvent[$0.string] } ?? String(name.prefix { $0 != "-" })
            guard selection.includes(ticker: name, event: event?.string, series: series) else { return nil }
        }
        return market(ticker)
    }

    /// A subscription names these markets.
    func noteAsked(_ tickers: [String], channels: [KalshiChannel], at time: Timestamp) throws {
        for ticker in tickers {
            let market = withPlain(ticker) { self.market($0) }
            if channels.contains(.trade) { market.isTradeAsked = true }
            guard !market.isAsked else { continue }
            market.isAsked = true
            try factsChanged(market, at: time)
        }
    }

    /// The series of a market, as far as it is known: else what stands before the first `-` of its ticker.
    func series(of ticker: String) -> String { find(named: ticker)?.series ?? String(ticker.prefix { $0 != "-" }) }

    /// The market of that name, if it was met before.
    func find(named ticker: String) -> KalshiMarket? { withPlain(ticker) { self.find($0) } }

    private func withPlain<Found>(_ ticker: String, _ body: (JSONText) -> Found) -> Found {
        var ticker = ticker
        return ticker.withUTF8 { bytes in
            body(JSONText(base: bytes.baseAddress ?? ("" as StaticString).utf8Start, count: bytes.count))
        }
    }

    // MARK: Memory

    /// Forgets the numbers of whoever reads ahead: another one begins.
    func beginNumbers() { numbered.removeAll(keeping: 16) }

    /// Whether what changes need of all markets, a kilobyte or two each, is more than a processor has near.
    var isLarge: Bool { numbered.count > 1000 }

    /// Asks for where a market is.
    @inline(__always)
    func askForPlace(_ number: UInt32) { numbered.ask(for: Int(number)) }

    /// Asks for what is kept of a market.
    @inline(__always)
    func askForMarket(_ number: UInt32) {
        guard number != 0, number < numbered.count, let market = numbered[Int(number)].market,
            let instrument = numbered[Int(number)].instrument
        else { return }
        NearMemory.ask(for: market, KalshiMarket.hotBytes)
        NearMemory.ask(for: instrument, FeedInstrument.hotBytes)
    }

    /// Asks for what else the next line of a market needs that was asked for a while ago, and for who carries its book.
    @inline(__always)
    func askForLine(_ number: UInt32, _ side: Side?) {
        guard number != 0, number < numbered.count else { return }
        numbered[Int(number)].market?._withUnsafeGuaranteedRef { $0.askForCarriers() }
        numbered[Int(number)].instrument?._withUnsafeGuaranteedRef { $0.askForLine(side) }
    }

    // MARK: Facts

    /// Says which event a market belongs to; its series and its fee may follow.
    func setEvent(_ event: String, of market: KalshiMarket) {
        let before = market.instrument.facts.event
        guard before != event else { return }
        if let before { byEvent[before]?.removeAll { $0 === market } }
        market.instrument.facts.event = event
        byEvent[event, default: []].append(market)
        if let series = seriesOfEvent[event] { move(market, to: series) }
        market.instrument.facts.fee = fees.fee(series: market.series, event: event)
    }

    /// Says which series an event belongs to.
    func setSeries(_ series: String, ofEvent event: String, at time: Timestamp) throws {
        guard seriesOfEvent[event] != series else { return }
        seriesOfEvent[event] = series
        for market in byEvent[event] ?? [] where market.series != series {
            move(market, to: series)
            try setFee(of: market, at: time)
        }
    }

    private func move(_ market: KalshiMarket, to series: String) {
        guard market.series != series else { return }
        bySeries[market.series]?.removeAll { $0 === market }
        market.series = series
        bySeries[series, default: []].append(market)
    }

    func setFee(ofSeries series: String, _ terms: KalshiFees.Terms, at time: Timestamp) throws {
        guard fees.setSeries(series, terms) else { return }
        for market in bySeries[series] ?? [] { try setFee(of: market, at: time) }
    }

    func setFee(ofEvent event: String, _ terms: KalshiFees.Terms, at time: Timestamp) throws {
        guard fees.setEvent(event, terms) else { return }
        for market in byEvent[event] ?? [] { try setFee(of: market, at: time) }
    }

    private func setFee(of market: KalshiMarket, at time: Timestamp) throws {
        market.instrument.facts.fee = fees.fee(series: market.series, event: market.instrument.facts.event)
        try factsChanged(market, at: time)
    }

    /// Facts of a market may have changed: whether it is shown may follow, and it is told if it was told before.
    func factsChanged(_ market: KalshiMarket, at time: Timestamp) throws {
        let instrument = market.instrument
        if !instrument.isShown, selection.includes(market) {
            instrument.isShown = true
            // Its deltas follow from now on, so they need something to stand on.
            if instrument.book.isKnown {
                try output.snapshot(instrument, reason: .initial, received: time, venueTime: nil, isVerified: false)
            }
        }
        if output.isAnnounced(instrument) { try output.announce(instrument, at: time) }
    }

    /// MARKET arguments that the recording has not answered.
    var unmatched: [String] { selection.unmatched(markets) }
}

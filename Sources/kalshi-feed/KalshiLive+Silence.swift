import FeedSession
import MarketModel

/// Quiet or dead: markets and subscriptions of which nothing is heard are asked in turn. Source: venues dossier §4, §7 no. 11 and 12.
extension KalshiLive {
    private static let lookMicros: Int64 = 1_000_000

    /// Asks for the whole books of the markets that were silent the longest, and whether silent subscriptions live.
    ///
    /// The answers are data: a socket whose markets are all quiet is never called stale.
    func lookForSilence(_ control: LiveControl, at time: Timestamp) {
        guard time >= nextLook, !plans.isEmpty else { return }
        nextLook = time.advanced(byMicros: min(KalshiLive.lookMicros, quietMicros / 2))
        let since = time.advanced(byMicros: -quietMicros)
        let able = Set(plans.filter { $0.value.isSubscribed && !$0.value.flights.contains(\.isSnapshots) }.keys)
        var quiet: [Int64: [KalshiMarket]] = [:]
        if channels.contains(.book), !able.isEmpty {
            for market in venue.registry.markets {
                guard let conn = market.instrument.conn, able.contains(conn), market.isKnown(on: conn), let word = market.lastWord,
                    word <= since
                else { continue }
                quiet[conn, default: []].append(market)
            }
        }
        for conn in able.sorted() {
            if let markets = quiet[conn] { plans[conn]?.audit(KalshiLive.oldest(markets).filter { slots.contains($0) }) }
            for channel in channels where channel != .book {
                guard let index = plans[conn]?.index(channel), let sid = plans[conn]?.channels[index].sid,
                    (venue.lastWord(conn, sid: sid) ?? time) <= since, let frame = plans[conn]?.takeProbe(channel, at: time)
                else { continue }
                control.send(frame, on: conn)
            }
        }
    }

    private static func oldest(_ markets: [KalshiMarket]) -> [String] {
        let sorted = markets.count <= KalshiBookWatch.tickersMax ? markets : markets.sorted { lastWord($0) < lastWord($1) }
        return sorted.prefix(KalshiBookWatch.tickersMax).map(\.instrument.id)
    }

    private static func lastWord(_ market: KalshiMarket) -> (Timestamp, Int) { (market.lastWord ?? Timestamp(micros: 0), market.index) }
}

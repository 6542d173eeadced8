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
        let asked = able.isEmpty || !channels.contains(.book) ? [:] : silentMarkets(able, since: since, at: time)
        for conn in able.sorted() {
            if let markets = asked[conn] { plans[conn]?.audit(KalshiLive.oldest(markets).filter { slots.contains($0) }) }
            for channel in channels where channel != .book {
                guard let index = plans[conn]?.index(channel), let sid = plans[conn]?.channels[index].sid,
                    (venue.lastWord(conn, sid: sid) ?? time) <= since, let frame = plans[conn]?.takeProbe(channel, at: time)
                else { continue }
                control.send(frame, on: conn)
            }
        }
    }

    /// Known books of which a connection has not spoken for long, and those where it is not known how far a connection has come.
    private func silentMarkets(
        _ able: Set<Int64>, since: Timestamp, at time: Timestamp
    ) -> [Int64: [(ticker: String, lastWord: Timestamp)]] {
        var asked: [Int64: [(ticker: String, lastWord: Timestamp)]] = [:]
        let placeSince = time.advanced(byMicros: -KalshiLive.lookMicros)
        for market in venue.registry.markets where market.instrument.book.isKnown {
            for carrier in market.carriers where able.contains(carrier.conn) {
                let isUnplaced = market.isLost(carrier) || (carrier.lastWord <= placeSince && !market.isPlaced(carrier.conn))
                guard carrier.lastWord <= since || isUnplaced else { continue }
                asked[carrier.conn, default: []].append((market.instrument.id, carrier.lastWord))
            }
        }
        return asked
    }

    private static func oldest(_ markets: [(ticker: String, lastWord: Timestamp)]) -> [String] {
        let sorted =
            markets.count <= KalshiBookWatch.tickersMax ? markets : markets.sorted { ($0.lastWord, $0.ticker) < ($1.lastWord, $1.ticker) }
        return sorted.prefix(KalshiBookWatch.tickersMax).map(\.ticker)
    }
}

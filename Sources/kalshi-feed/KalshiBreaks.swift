import FeedSession
import MarketModel

/// Makes books unknown, and says so in the stream, once each time.
final class KalshiBreaks {
    /// Which numbers were lost, for the line.
    struct Hole {
        let expected: UInt64
        let got: UInt64
    }

    private let output: FeedOutput
    private let hasBooks: Bool
    /// nil in a replay.
    var news: KalshiNews?

    init(_ configuration: KalshiConfiguration, _ output: FeedOutput) {
        self.output = output
        hasBooks = configuration.channels.contains(.book)
    }

    /// One market's book is not to be believed until its next snapshot. Says nothing if it was unknown already.
    func lose(_ market: KalshiMarket, _ reason: String, _ arrival: KalshiArrival) throws {
        guard market.isKnown(on: arrival.conn) else { return }
        market.instrument.book.markUnknown()
        news?.note(.lost(ticker: market.instrument.id, conn: arrival.conn))
        try tell([market], reason, arrival)
    }

    /// The same for several markets, in one line.
    func lose(_ markets: [KalshiMarket], _ reason: String, _ arrival: KalshiArrival) throws {
        let known = markets.filter { $0.isKnown(on: arrival.conn) }
        guard !known.isEmpty else { return }
        for market in known {
            market.instrument.book.markUnknown()
            news?.note(.lost(ticker: market.instrument.id, conn: arrival.conn))
        }
        try tell(known, reason, arrival)
    }

    /// A known book turned out to be another: nothing since the last agreement is to be trusted.
    func tellDisagreement(_ market: KalshiMarket, _ arrival: KalshiArrival) throws {
        guard hasBooks, market.instrument.isShown else { return }
        try output.status(
            FeedStatus(
                .gap, conn: arrival.conn, reason: "the venue's whole book is another", since: market.instrument.agreed,
                instruments: [market.instrument.id]),
            at: arrival.time)
    }

    /// NO prices were taken for own prices and are YES prices: every ask of the subscription so far was shown wrong.
    func loseAsks(of sid: KalshiSid, _ arrival: KalshiArrival) throws {
        let wrong = sid.markets.filter { $0.sid == sid.number && !$0.instrument.book.asks.isEmpty }
        try lose(wrong, "NO prices are YES prices", arrival)
    }

    private func tell(_ markets: [KalshiMarket], _ reason: String, _ arrival: KalshiArrival) throws {
        let shown = markets.filter(\.instrument.isShown).map(\.instrument.id)
        guard hasBooks, !shown.isEmpty else { return }
        try output.status(
            FeedStatus(.gap, conn: arrival.conn, reason: reason, since: arrival.since, instruments: shown), at: arrival.time)
    }

    /// Every book of a subscription is not to be believed any more.
    ///
    /// - Parameters:
    ///   - hole: A hole is told even if no book was known.
    ///   - isAwaited: The books are to come again, and `live` is told when the last has.
    func loseAll(
        of sid: KalshiSid, on connection: KalshiConnection, _ reason: String, since: Timestamp, hole: Hole? = nil,
        isAwaited: Bool = true, at time: Timestamp
    ) throws {
        let own = sid.markets.filter { $0.sid == sid.number && $0.instrument.conn == connection.conn }
        let hasKnown = own.contains { $0.instrument.book.isKnown }
        for market in own {
            market.instrument.book.markUnknown()
            if isAwaited {
                connection.await(market)
                news?.note(.lost(ticker: market.instrument.id, conn: connection.conn))
            }
        }
        guard hasBooks, hasKnown || hole != nil else { return }
        let hasOthers = connection.sids.contains { other in
            other !== sid && other.markets.contains { $0.sid == other.number && $0.isKnown(on: connection.conn) }
        }
        try output.status(
            FeedStatus(
                .gap, conn: connection.conn, reason: reason, since: since,
                instruments: hasOthers ? own.filter(\.instrument.isShown).map(\.instrument.id) : nil,
                expectedSeq: hole.map { Int64(clamping: $0.expected) }, gotSeq: hole.map { Int64(clamping: $0.got) }),
            at: time)
    }

    /// Something is lost that touches no book.
    func tellLost(_ reason: String, hole: Hole? = nil, _ arrival: KalshiArrival) throws {
        try output.status(
            FeedStatus(
                .gap, conn: arrival.conn, reason: reason, since: arrival.since, instruments: [],
                expectedSeq: hole.map { Int64(clamping: $0.expected) }, gotSeq: hole.map { Int64(clamping: $0.got) }),
            at: arrival.time)
    }

    /// A delta came for a market that had no snapshot on this connection: told once a market and connection.
    func tellStray(_ market: KalshiMarket, _ arrival: KalshiArrival) throws {
        guard market.strayConn != arrival.conn else { return }
        market.strayConn = arrival.conn
        // A book that is known from another connection is not touched by this one.
        guard !market.instrument.book.isKnown else { return }
        try tell([market], "delta without a snapshot", arrival)
    }

    /// The connection's books are unknown; the session has told of it.
    func forget(_ connection: KalshiConnection) {
        for sid in connection.sids {
            for market in sid.markets where market.instrument.conn == connection.conn { market.instrument.book.markUnknown() }
        }
    }
}

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

    /// What a connection says of one market is not to be believed until its next snapshot. Where another connection carries the book on,
    /// and where the book was unknown already, nothing is said.
    func lose(_ market: KalshiMarket, _ reason: String, _ arrival: KalshiArrival) throws {
        try lose([market], reason, arrival)
    }

    /// The same for several markets, in one line.
    func lose(_ markets: [KalshiMarket], _ reason: String, _ arrival: KalshiArrival) throws {
        let lost = markets.filter { $0.isCarried(by: arrival.conn) && !part($0, from: arrival.conn) }
        try tell(lost, reason, on: arrival.conn, since: arrival.since, at: arrival.time)
    }

    /// Takes a connection from a market. Whether its book is what it was.
    private func part(_ market: KalshiMarket, from conn: Int64) -> Bool {
        news?.note(.lost(ticker: market.instrument.id, conn: conn))
        if market.lose(conn) {
            if market.instrument.book.isKnown { output.counters.add("breaks_covered") }
            return true
        }
        noteOthers(market)
        return false
    }

    /// Connections that carry a market whose book is unknown are asked for it.
    private func noteOthers(_ market: KalshiMarket) {
        for carrier in market.carriers { news?.note(.lost(ticker: market.instrument.id, conn: carrier.conn)) }
    }

    /// What a connection says does not go with the book as it was told: nobody knows which of the two is wrong.
    func loseEverywhere(_ market: KalshiMarket, _ reason: String, _ arrival: KalshiArrival) throws {
        guard market.instrument.book.isKnown else { return }
        market.instrument.book.markUnknown()
        news?.note(.lost(ticker: market.instrument.id, conn: arrival.conn))
        _ = market.lose(arrival.conn)
        noteOthers(market)
        try tell([market], reason, on: arrival.conn, since: arrival.since, at: arrival.time)
    }

    /// A known book turned out to be another: nothing since the last agreement is to be trusted.
    func tellDisagreement(_ market: KalshiMarket, _ arrival: KalshiArrival) throws {
        guard hasBooks, market.instrument.isShown else { return }
        try output.status(
            FeedStatus(
                .gap, conn: market.instrument.shownConn ?? arrival.conn, reason: "the venue's whole book is another",
                since: market.instrument.agreed, instruments: [market.instrument.id]),
            at: arrival.time)
    }

    /// NO prices were taken for own prices and are YES prices: every ask of the subscription so far was shown wrong.
    func loseAsks(of sid: KalshiSid, _ arrival: KalshiArrival) throws {
        let wrong = sid.markets.filter { $0.isCarried(by: arrival.conn, sid: sid.number) && !$0.instrument.book.asks.isEmpty }
        try lose(wrong, "NO prices are YES prices", arrival)
    }

    /// Names lost books to their readers, who know a book by the connection of its last snapshot: it may be another than the one that
    /// carried it last.
    private func tell(_ markets: [KalshiMarket], _ reason: String, on conn: Int64, since: Timestamp, at time: Timestamp) throws {
        guard hasBooks else { return }
        let shown = Dictionary(grouping: markets.filter(\.instrument.isShown)) { $0.instrument.shownConn ?? conn }
        for (told, markets) in shown.sorted(by: { $0.key < $1.key }) {
            try output.status(
                FeedStatus(.gap, conn: told, reason: reason, since: since, instruments: markets.map(\.instrument.id)), at: time)
        }
    }

    private func isToldElsewhere(_ market: KalshiMarket, than conn: Int64) -> Bool {
        market.instrument.shownConn.map { $0 != conn } ?? false
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
        let conn = connection.conn
        var lost: [KalshiMarket] = []
        var hasCovered = false
        for market in sid.markets where market.isCarried(by: conn, sid: sid.number) {
            if isAwaited { connection.await(market) }
            if !lose(market, from: conn, isAwaited: isAwaited) {
                lost.append(market)
            } else if market.instrument.book.isKnown {
                hasCovered = true
            }
        }
        let elsewhere = lost.filter { isToldElsewhere($0, than: conn) }
        try tell(elsewhere, reason, on: conn, since: since, at: time)
        lost.removeAll { isToldElsewhere($0, than: conn) }
        guard hasBooks, !lost.isEmpty || hole != nil else { return }
        let hasOthers = hasCovered || connection.sids.contains { $0.markets.contains { $0.isTold(with: conn) } }
        try output.status(
            FeedStatus(
                .gap, conn: conn, reason: reason, since: since,
                instruments: hasOthers ? lost.filter(\.instrument.isShown).map(\.instrument.id) : nil,
                expectedSeq: hole.map { Int64(clamping: $0.expected) }, gotSeq: hole.map { Int64(clamping: $0.got) }),
            at: time)
    }

    private func lose(_ market: KalshiMarket, from conn: Int64, isAwaited: Bool) -> Bool {
        if isAwaited { return part(market, from: conn) }
        let isCovered = market.lose(conn)
        if !isCovered { noteOthers(market) }
        return isCovered
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
        guard hasBooks, market.instrument.isShown, !market.instrument.book.isKnown else { return }
        try output.status(
            FeedStatus(
                .gap, conn: arrival.conn, reason: "delta without a snapshot", since: arrival.since, instruments: [market.instrument.id]),
            at: arrival.time)
    }

    /// Takes a connection from all its markets, and tells of those that readers know by another one. Gives the other lost ones where there
    /// are more books; nil where all are lost.
    func forget(_ connection: KalshiConnection, _ reason: String, at time: Timestamp) throws -> [String]? {
        let conn = connection.conn
        var lost: [KalshiMarket] = []
        var hasCovered = false
        for market in connection.sids.flatMap(\.markets) where market.isCarried(by: conn) {
            if !lose(market, from: conn, isAwaited: false) {
                lost.append(market)
            } else if market.instrument.book.isKnown {
                hasCovered = true
            }
        }
        let elsewhere = lost.filter { isToldElsewhere($0, than: conn) }
        try tell(elsewhere, reason, on: conn, since: elsewhere.map(\.instrument.agreed).min() ?? time, at: time)
        guard hasCovered || connection.sids.contains(where: { $0.markets.contains { $0.isTold(with: conn) } }) else { return nil }
        return lost.filter { $0.instrument.isShown && !isToldElsewhere($0, than: conn) }.map(\.instrument.id)
    }
}

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
    private let registry: KalshiRegistry
    private let hasBooks: Bool
    /// nil in a replay.
    var news: KalshiNews?

    init(_ configuration: KalshiConfiguration, _ output: FeedOutput, _ registry: KalshiRegistry) {
        self.output = output
        self.registry = registry
        hasBooks = configuration.channels.contains(.book)
    }

    /// What a connection says of one market is not to be believed until its next snapshot. Where another connection carries the book on,
    /// and where the book was unknown already, nothing is said.
    func lose(_ market: KalshiMarket, _ reason: String, _ arrival: KalshiArrival) throws {
        try lose([market], reason, arrival)
    }

    /// The same for several markets, in one line.
    func lose(_ markets: [KalshiMarket], _ reason: String, _ arrival: KalshiArrival) throws {
        let lost = try markets.filter { try $0.isCarried(by: arrival.conn) && !part($0, from: arrival.conn, at: arrival.time) }
        if !lost.isEmpty { try tell(lost, reason, arrival) }
    }

    /// Takes a connection from a market, whose next whole book it shall say. Whether readers may keep what they have.
    private func part(_ market: KalshiMarket, from conn: Int64, at time: Timestamp) throws -> Bool {
        news?.note(.lost(ticker: market.instrument.id, conn: conn))
        return try leave(market, by: conn, at: time)
    }

    private func leave(_ market: KalshiMarket, by conn: Int64, at time: Timestamp) throws -> Bool {
        switch market.lose(conn, at: time) {
        case .covered:
            if market.instrument.book.isKnown { output.counters.add("breaks_covered") }
            return true
        case .replaced:
            output.counters.add("breaks_covered")
            try output.snapshot(market.instrument, reason: .refresh, received: time, venueTime: nil, isVerified: false)
            return true
        case .lost:
            noteOthers(market)
            return false
        }
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
        _ = market.lose(arrival.conn, at: arrival.time)
        noteOthers(market)
        try tell([market], reason, arrival)
    }

    /// A known book turned out to be another: nothing since the last agreement is to be trusted.
    func tellDisagreement(_ market: KalshiMarket, _ reason: String, _ arrival: KalshiArrival) throws {
        try tell([market], conn: arrival.conn, reason, since: market.instrument.agreed, at: arrival.time)
    }

    /// NO prices were taken for own prices and are YES prices: every ask of the subscription so far was shown wrong.
    func loseAsks(of sid: KalshiSid, _ arrival: KalshiArrival) throws {
        let wrong = sid.markets.filter { $0.isCarried(by: arrival.conn, sid: sid.number) && !$0.instrument.book.asks.isEmpty }
        try lose(wrong, "NO prices are YES prices", arrival)
    }

    private func tell(_ markets: [KalshiMarket], _ reason: String, _ arrival: KalshiArrival) throws {
        try tell(markets, conn: arrival.conn, reason, since: arrival.since, at: arrival.time)
    }

    /// Says of markets that their books are lost. Readers know a book by the connection of its last snapshot, which may be another one.
    ///
    /// - Parameters:
    ///   - hole: told even if no book is lost.
    ///   - isAll: the connection has no other known books.
    private func tell(
        _ markets: [KalshiMarket], conn: Int64, _ reason: String, since: Timestamp, hole: Hole? = nil, isAll: Bool = false,
        at time: Timestamp
    ) throws {
        guard hasBooks else { return }
        var idsOfConn: [Int64: [String]] = [:]
        for market in markets where market.instrument.isShown {
            idsOfConn[market.instrument.shownConn ?? conn, default: []].append(market.instrument.id)
        }
        let own = idsOfConn.removeValue(forKey: conn) ?? []
        if isAll || !own.isEmpty || hole != nil {
            try output.status(
                FeedStatus(
                    .gap, conn: conn, reason: reason, since: since, instruments: isAll && (!own.isEmpty || idsOfConn.isEmpty) ? nil : own,
                    expectedSeq: hole.map { Int64(clamping: $0.expected) }, gotSeq: hole.map { Int64(clamping: $0.got) }),
                at: time)
        }
        for (shown, ids) in idsOfConn.sorted(by: { $0.key < $1.key }) {
            try output.status(FeedStatus(.gap, conn: shown, reason: reason, since: since, instruments: ids), at: time)
        }
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
            if try !lose(market, from: conn, isAwaited: isAwaited, at: time) {
                lost.append(market)
            } else if market.instrument.book.isKnown {
                hasCovered = true
            }
        }
        guard !lost.isEmpty || hole != nil else { return }
        let hasOthers = hasCovered || registry.markets.contains { $0.isTold(with: conn) }
        try tell(lost, conn: conn, reason, since: since, hole: hole, isAll: !hasOthers, at: time)
    }

    private func lose(_ market: KalshiMarket, from conn: Int64, isAwaited: Bool, at time: Timestamp) throws -> Bool {
        try isAwaited ? part(market, from: conn, at: time) : leave(market, by: conn, at: time)
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

    /// What a connection takes with it that was gone before: no book, which has to be said where readers know one by it; else nil.
    func untouched(by conn: Int64) -> [String]? { registry.markets.contains { $0.isTold(with: conn) } ? [] : nil }

    /// Takes a connection from all its markets. Gives those whose books are lost with it where others are not; nil where all are.
    ///
    /// Books that readers know by another connection are told here.
    func forget(_ connection: KalshiConnection, _ reason: String, at time: Timestamp) throws -> [String]? {
        let conn = connection.conn
        var (lost, elsewhere): ([KalshiMarket], [KalshiMarket]) = ([], [])
        var hasCovered = false
        for market in connection.sids.flatMap(\.markets) where market.isCarried(by: conn) {
            if try lose(market, from: conn, isAwaited: false, at: time) {
                hasCovered = hasCovered || market.instrument.book.isKnown
            } else if let shown = market.instrument.shownConn, shown != conn {
                elsewhere.append(market)
            } else {
                lost.append(market)
            }
        }
        if let since = elsewhere.map(\.instrument.agreed).min() {
            try tell(elsewhere, conn: conn, reason, since: since, at: time)
        }
        guard hasCovered || !elsewhere.isEmpty || untouched(by: conn) != nil else { return nil }
        return lost.filter(\.instrument.isShown).map(\.instrument.id)
    }
}

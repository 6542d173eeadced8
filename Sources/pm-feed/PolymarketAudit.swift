import FeedSession
import MarketModel

/// Asks REST about what is silent: a quiet market and a dead socket look the same, heartbeats and all (dossier §1.3, §2.10).
///
/// A whole socket is asked about before its silence makes it stale; single tokens of a socket that speaks are asked about in turn.
struct PolymarketAudit {
    private static let tokensMax = 100
    /// A token of which the socket has not spoken for so long is worth a question …
    private static let tokenSilenceMicros: Int64 = 45_000_000
    /// … and so often one of those is asked.
    private static let turnMicros: Int64 = 10_000_000
    private static let pauseMicros: Int64 = 1_000_000

    private let silenceMicros: Int64
    private var nextLook = Timestamp(micros: 0)
    private var nextTurn = Timestamp(micros: 0)
    private var askedConn: [Int64: Timestamp] = [:]
    private var askedToken: [String: Timestamp] = [:]

    /// - Parameter silenceMicros: silence of a socket after which it is asked about.
    init(silenceMicros: Int64) {
        self.silenceMicros = silenceMicros
    }

    var nextDeadline: Timestamp? { nextLook }

    /// REST is away or busy: nothing is asked until then.
    mutating func hold(until time: Timestamp) { nextLook = max(nextLook, time) }

    /// Questions that are due, each for a number of tokens.
    mutating func takeDue(_ venue: PolymarketVenue, at time: Timestamp) -> [[String]] {
        guard time >= nextLook else { return [] }
        nextLook = time.advanced(byMicros: PolymarketAudit.pauseMicros)
        let silent = silentConns(venue, at: time)
        var tokens = venue.registry.books.filter { isDue($0, silent, at: time) }.map(\.instrument.id)
        if tokens.isEmpty, time >= nextTurn {
            nextTurn = time.advanced(byMicros: PolymarketAudit.turnMicros)
            tokens = quietest(venue, at: time)
        }
        for token in tokens { askedToken[token] = time }
        for conn in silent { askedConn[conn] = time }
        return stride(from: 0, to: tokens.count, by: PolymarketAudit.tokensMax).map {
            Array(tokens[$0..<min($0 + PolymarketAudit.tokensMax, tokens.count)])
        }
    }

    /// Sockets that have been silent for long and were not asked about since.
    private func silentConns(_ venue: PolymarketVenue, at time: Timestamp) -> Set<Int64> {
        Set(
            venue.subscriptions.conns.filter { conn in
                guard let lastData = venue.subscriptions.find(conn)?.lastProof, time.micros(since: lastData) >= silenceMicros else {
                    return false
                }
                return askedConn[conn].map { time.micros(since: $0) >= min(silenceMicros, PolymarketWitness.patienceMicros) } ?? true
            })
    }

    /// Known books of silent sockets, and those of which REST has shown more than the socket.
    private func isDue(_ book: PolymarketBook, _ silent: Set<Int64>, at time: Timestamp) -> Bool {
        guard book.instrument.conn != nil, book.instrument.book.isKnown else { return false }
        if let witness = book.witness, witness.venueTime > book.knownTo {
            let asked = askedToken[book.instrument.id] ?? witness.seen
            return time.micros(since: max(asked, witness.seen)) >= PolymarketWitness.patienceMicros
        }
        return book.carriers.contains { silent.contains($0) }
    }

    /// The known books of which nothing was heard or asked for the longest time.
    private func quietest(_ venue: PolymarketVenue, at time: Timestamp) -> [String] {
        let quiet = venue.registry.books.compactMap { book -> (token: String, last: Timestamp)? in
            guard book.instrument.conn != nil, book.instrument.book.isKnown else { return nil }
            let last = max(book.lastWord, askedToken[book.instrument.id] ?? book.lastWord)
            return time.micros(since: last) >= PolymarketAudit.tokenSilenceMicros ? (book.instrument.id, last) : nil
        }
        return quiet.sorted { ($0.last, $0.token) < ($1.last, $1.token) }.prefix(PolymarketAudit.tokensMax).map(\.token)
    }
}

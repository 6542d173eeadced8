import FeedSession
import MarketModel

/// Books that are missing on one connection, on their way back.
///
/// First the venue is asked for the whole book; what is not answered is subscribed anew; what is missing even then is asked for again and
/// again, ever more slowly (dossier §4).
struct KalshiBookWatch {
    /// What is to be done about books that did not come.
    enum Step: Equatable {
        /// The subscription as a whole does not answer.
        case renewAll
        /// Others of the same subscription do.
        case renew([String])
        /// Neither a whole book nor a new subscription has helped.
        case reconnect([String])
    }

    static let tickersMax = 100
    /// How long a first book may take after its acknowledgement.
    private static let firstBookMicros: Int64 = 5_000_000
    private static let pauseMicros: Int64 = 50_000
    private static let patience = Backoff(baseMicros: 30_000_000, microsMax: 600_000_000)

    private struct Entry {
        /// How often its whole book was asked for in vain.
        var tries = 0
        var due: Timestamp
        var isAsked = false
    }

    private var missing: [String: Entry] = [:]
    private var nextQuestion = Timestamp(micros: 0)
    /// Not later than the first due time: there may be tens of thousands, and they are looked through only when one may be due.
    private var nextLook: Timestamp?
    /// Markets for which a connection was given up once already.
    private let hopeless: Set<String>

    init(hopeless: Set<String>) {
        self.hopeless = hopeless
    }

    var isEmpty: Bool { missing.isEmpty }
    var count: Int { missing.count }

    /// Its subscription was acknowledged: the first book is to come by itself.
    mutating func expect(_ tickers: [String], at time: Timestamp) {
        let due = time.advanced(byMicros: KalshiBookWatch.firstBookMicros)
        for ticker in tickers { missing[ticker] = Entry(tries: missing[ticker]?.tries ?? 0, due: due) }
        nextLook = .earliest(nextLook, due)
    }

    /// Its book is not to be believed any more.
    mutating func lost(_ ticker: String, at time: Timestamp) {
        guard missing[ticker] == nil else { return }
        missing[ticker] = Entry(due: time)
        nextLook = .earliest(nextLook, time)
    }

    mutating func came(_ ticker: String) { missing[ticker] = nil }

    mutating func forget(_ tickers: [String]) {
        for ticker in tickers { missing[ticker] = nil }
    }

    /// The subscription is over; what is still wanted is expected when it is acknowledged again.
    mutating func pause() {
        for ticker in missing.keys {
            missing[ticker]?.due = Timestamp(micros: .max)
            missing[ticker]?.isAsked = false
        }
    }

    /// Books to ask for now, together.
    mutating func takeDue(at time: Timestamp) -> [String] {
        guard let look = nextLook, time >= look, time >= nextQuestion else { return [] }
        let due = missing.filter { !$0.value.isAsked && $0.value.due <= time }.keys.sorted().prefix(KalshiBookWatch.tickersMax)
        for ticker in due { missing[ticker]?.isAsked = true }
        nextLook = missing.values.reduce(nil) { $1.isAsked || $1.due.micros == .max ? $0 : Timestamp?.earliest($0, $1.due) }
        guard !due.isEmpty else { return [] }
        nextQuestion = time.advanced(byMicros: KalshiBookWatch.pauseMicros)
        return Array(due)
    }

    /// What was asked for did not come, or was refused.
    ///
    /// - Parameter isAlive: something of the subscription came since.
    mutating func failed(_ tickers: [String], isAlive: Bool, at time: Timestamp, jitter: (Int, Backoff) -> Int64) -> Step? {
        var (renewed, given): ([String], [String]) = ([], [])
        for ticker in tickers {
            var entry = missing[ticker] ?? Entry(due: time)
            entry.isAsked = false
            entry.tries += 1
            entry.due = time.advanced(byMicros: 2 * KalshiBookWatch.firstBookMicros)
            if entry.tries == 1 {
                renewed.append(ticker)
            } else if entry.tries == 2, !hopeless.contains(ticker) {
                given.append(ticker)
            } else {
                entry.due = time.advanced(byMicros: 30_000_000 + jitter(entry.tries - 2, KalshiBookWatch.patience))
            }
            missing[ticker] = entry
            nextLook = .earliest(nextLook, entry.due)
        }
        if !given.isEmpty { return .reconnect(given) }
        guard !renewed.isEmpty else { return nil }
        return isAlive ? .renew(renewed) : .renewAll
    }

    /// The venue had no time for the question: the same is asked later.
    mutating func postpone(_ tickers: [String], by micros: Int64, at time: Timestamp) {
        let due = time.advanced(byMicros: micros)
        for ticker in tickers where missing[ticker] != nil {
            missing[ticker]?.isAsked = false
            missing[ticker]?.due = due
        }
        nextLook = .earliest(nextLook, due)
    }

    var nextDeadline: Timestamp? { nextLook.map { max($0, nextQuestion) } }
}

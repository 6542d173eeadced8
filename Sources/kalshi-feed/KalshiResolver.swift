import Curl
import FeedSession
import JSON
import MarketModel

/// Finds the open markets of what was asked for, page by page; what fails is asked again. Source: venues dossier §6.
struct KalshiResolver {
    /// A listing that goes on longer than this has gone wrong.
    private static let pagesMax = 1000
    private static let backoff = Backoff(baseMicros: 500_000, microsMax: 60_000_000)

    private struct Search {
        let wish: KalshiWish
        /// A page's address names an event, or a market where no event is called so.
        var asksMarket = false
        var cursor: String?
        var cursors: Set<String> = []
        var failureCount = 0
        var due: Timestamp
        var found: [KalshiListing.Market] = []
    }

    /// What a search has found, and whether it goes on.
    struct Finding {
        let wish: KalshiWish
        let markets: [KalshiListing.Market]
        let isComplete: Bool
        /// What the name turned out to be: a page that is a market is not open-ended.
        var isMarket = false
    }

    private var waiting: [Search] = []
    private var asked: [Int: Search] = [:]
    /// Wishes that are not wanted any more, though they are on their way.
    private var dropped: Set<KalshiWish> = []

    var isIdle: Bool { waiting.isEmpty && asked.isEmpty }

    mutating func add(_ wish: KalshiWish, at time: Timestamp) {
        dropped.remove(wish)
        guard !waiting.contains(where: { $0.wish == wish }), !asked.values.contains(where: { $0.wish == wish }) else { return }
        waiting.append(Search(wish: wish, due: time))
    }

    mutating func remove(_ wish: KalshiWish) {
        waiting.removeAll { $0.wish == wish }
        if asked.values.contains(where: { $0.wish == wish }) { dropped.insert(wish) }
    }

    func nextDeadline(_ gate: KalshiGate) -> Timestamp? {
        waiting.map(\.due).min().map { max($0, gate.nextOpening()) }
    }

    /// Asks what is due.
    mutating func act(_ control: LiveControl, _ questions: KalshiQuestions, _ gate: inout KalshiGate, at time: Timestamp) {
        while let index = waiting.firstIndex(where: { $0.due <= time }), gate.take(at: time) {
            let search = waiting.remove(at: index)
            let asking = KalshiResolver.question(search, questions)
            asked[control.request(asking.request, recordedPath: asking.path).id] = search
        }
    }

    private static func question(_ search: Search, _ questions: KalshiQuestions) -> KalshiQuestions.Question {
        switch search.wish {
        case .ticker(let ticker): questions.markets(tickers: [ticker])
        case .event(let event): questions.markets(event: event, after: search.cursor)
        case .series(let series): questions.markets(series: series, after: search.cursor)
        case .page(let name): search.asksMarket ? questions.markets(tickers: [name]) : questions.markets(event: name, after: search.cursor)
        case .all: questions.allMarkets(after: search.cursor, isRecorded: true)
        case .top: questions.allMarkets(after: search.cursor, isRecorded: false)
        }
    }

    /// Takes an answer; nil if it was not to one of these questions.
    mutating func answered(
        _ request: LiveRequest, _ result: Result<RESTAnswer, RESTFailure>, _ control: LiveControl, at time: Timestamp
    ) -> Result<Finding?, KalshiAnswer.Trouble>? {
        guard var search = asked.removeValue(forKey: request.id) else { return nil }
        guard dropped.remove(search.wish) == nil else { return .success(nil) }
        var trouble = KalshiAnswer.Trouble.other("the answer is not JSON")
        switch KalshiAnswer.body(result) {
        case .failure(let found): trouble = found
        case .success(let body):
            if let listing = try? KalshiListing(body) { return .success(take(listing, search, at: time)) }
        }
        search.failureCount += 1
        search.due = time.advanced(byMicros: 500_000 + control.backoff(failures: search.failureCount, KalshiResolver.backoff))
        waiting.append(search)
        return .failure(trouble)
    }

    private mutating func take(_ listing: KalshiListing, _ search: Search, at time: Timestamp) -> Finding? {
        var search = search
        search.failureCount = 0
        search.due = time
        if case .page = search.wish, !search.asksMarket, search.cursor == nil, listing.markets.isEmpty {
            search.asksMarket = true
            waiting.append(search)
            return nil
        }
        if case .top(let count) = search.wish { return takeTop(listing, count, search) }
        let isComplete = !goOn(listing, search)
        return Finding(wish: search.wish, markets: listing.markets, isComplete: isComplete, isMarket: search.asksMarket)
    }

    /// Asks for the next page; false at the end, and where a cursor comes again (dossier §7 no. 14).
    private mutating func goOn(_ listing: KalshiListing, _ search: Search) -> Bool {
        var search = search
        guard let next = listing.cursor, search.cursors.insert(next).inserted, search.cursors.count < KalshiResolver.pagesMax else {
            return false
        }
        search.cursor = next
        waiting.append(search)
        return true
    }

    /// The venue does not sort: every page is read.
    private mutating func takeTop(_ listing: KalshiListing, _ count: Int, _ search: Search) -> Finding? {
        var search = search
        search.found += listing.markets
        search.found.sort { ($1.volume24h, $0.ticker) < ($0.volume24h, $1.ticker) }
        search.found.removeLast(max(0, search.found.count - count))
        if goOn(listing, search) { return nil }
        return Finding(wish: search.wish, markets: search.found, isComplete: true)
    }
}

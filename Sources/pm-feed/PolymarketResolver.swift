import Curl
import FeedSession
import JSON
import MarketModel

/// Finds the markets of what was asked for, with Gamma's help, page by page; what fails is asked again.
final class PolymarketResolver {
    /// A listing that goes on longer than this has gone wrong.
    private static let pagesMax = 2000
    /// After so many failures in a row it is time to say so.
    private static let backoff = Backoff(baseMicros: 500_000, microsMax: 60_000_000)

    private struct Search {
        let wish: PolymarketWish
        /// Where no market is called so, an event may be.
        var asksEvent = false
        var cursor: String?
        var cursors: Set<String> = []
        var failureCount = 0
        var due: Timestamp
        var found: [PolymarketListing.Market] = []
        var faultCount = 0
        var isAsked = false
    }

    /// What a search has found, and whether it goes on.
    struct Finding {
        let wish: PolymarketWish
        let markets: [PolymarketListing.Market]
        let isComplete: Bool
        /// Markets that could not be read since the last finding.
        let faultCount: Int
    }

    private let questions: PolymarketQuestions
    private var searches: [Search] = []
    private var asked: [Int: PolymarketWish] = [:]
    /// Why the last question failed; nil after one that did not.
    private(set) var trouble: String?
    /// Whether anything was ever answered.
    private(set) var wasAnswered = false

    init(_ questions: PolymarketQuestions) {
        self.questions = questions
    }

    var isIdle: Bool { searches.isEmpty }

    func add(_ wish: PolymarketWish, at time: Timestamp) {
        guard !searches.contains(where: { $0.wish == wish }) else { return }
        searches.append(Search(wish: wish, due: time))
    }

    func remove(_ wish: PolymarketWish) {
        searches.removeAll { $0.wish == wish }
        // An answer that is on its way would be taken for one to the same wish, wanted again.
        asked = asked.filter { $0.value != wish }
    }

    var nextDeadline: Timestamp? {
        searches.reduce(nil) { $1.isAsked ? $0 : .earliest($0, $1.due) }
    }

    /// Asks what is due.
    func act(_ control: LiveControl, at time: Timestamp) {
        for index in searches.indices where !searches[index].isAsked && searches[index].due <= time {
            searches[index].isAsked = true
            let question = question(searches[index])
            asked[control.request(question.request, recordedPath: question.path).id] = searches[index].wish
        }
    }

    private func question(_ search: Search) -> PolymarketQuestions.Question {
        switch search.wish {
        case .token(let token): questions.markets(tokens: [token])
        case .condition(let id): questions.markets(conditionIDs: [id])
        case .slug(let slug): search.asksEvent ? questions.events(slug: slug) : questions.markets(slug: slug)
        case .event(let slug): questions.events(slug: slug)
        case .tag(let name): questions.events(tag: name, after: search.cursor)
        case .all: questions.allMarkets(after: search.cursor)
        case .top: questions.topMarkets(after: search.cursor)
        }
    }

    /// Takes an answer; nil if it was not to one of these questions, or if the search goes on with nothing to show yet.
    func answered(
        _ request: LiveRequest, _ result: Result<RESTAnswer, RESTFailure>, _ control: LiveControl, at time: Timestamp
    ) -> Finding? {
        guard let wish = asked.removeValue(forKey: request.id), let index = searches.firstIndex(where: { $0.wish == wish }) else {
            return nil
        }
        searches[index].isAsked = false
        let listing: PolymarketListing
        switch PolymarketAnswer.body(result) {
        case .failure(let failure):
            return retry(index, failure.words, least: failure.retryAfterMicros, control, at: time)
        case .success(let body):
            guard let read = try? PolymarketListing(body) else {
                return retry(index, "the answer is not JSON", least: 0, control, at: time)
            }
            listing = read
        }
        wasAnswered = true
        trouble = nil
        searches[index].failureCount = 0
        return take(listing, index, at: time)
    }

    private func retry(_ index: Int, _ words: String, least: Int64, _ control: LiveControl, at time: Timestamp) -> Finding? {
        trouble = words
        searches[index].failureCount += 1
        let wait = least + control.backoff(failures: searches[index].failureCount, PolymarketResolver.backoff)
        searches[index].due = time.advanced(byMicros: wait)
        return nil
    }

    private func take(_ listing: PolymarketListing, _ index: Int, at time: Timestamp) -> Finding? {
        let wish = searches[index].wish
        let faultCount = searches[index].faultCount + listing.faultCount
        searches[index].faultCount = faultCount
        if case .slug = wish, !searches[index].asksEvent, listing.markets.isEmpty {
            searches[index].asksEvent = true
            return nil
        }
        searches[index].due = time
        if case .top(let count) = wish { return takeTop(listing, count, index) }
        if let next = nextPage(listing, index) {
            searches[index].cursor = next
            searches[index].faultCount = 0
            return Finding(wish: wish, markets: listing.markets, isComplete: false, faultCount: faultCount)
        }
        searches.remove(at: index)
        return Finding(wish: wish, markets: listing.markets, isComplete: true, faultCount: faultCount)
    }

    /// The cursor of the next page; nil at the end, and where a cursor comes again.
    private func nextPage(_ listing: PolymarketListing, _ index: Int) -> String? {
        guard let next = listing.nextCursor, searches[index].cursors.insert(next).inserted,
            searches[index].cursors.count < PolymarketResolver.pagesMax
        else { return nil }
        return next
    }

    /// The venue says that it sorts; where it does not, every page is read and sorted here.
    private func takeTop(_ listing: PolymarketListing, _ count: Int, _ index: Int) -> Finding? {
        searches[index].found += listing.markets.filter { $0.hasBook && !$0.isClosed }
        let found = searches[index].found
        let isSorted = zip(found, found.dropFirst()).allSatisfy { !DecimalText.precedes($0.volume24h, $1.volume24h) }
        if !(isSorted && found.count >= count), let next = nextPage(listing, index) {
            searches[index].cursor = next
            return nil
        }
        let faultCount = searches[index].faultCount
        searches.remove(at: index)
        let ranked = isSorted ? found : found.sorted { DecimalText.precedes($1.volume24h, $0.volume24h) }
        return Finding(wish: .top(count), markets: Array(ranked.prefix(count)), isComplete: true, faultCount: faultCount)
    }
}

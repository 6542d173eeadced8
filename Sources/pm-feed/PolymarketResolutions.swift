import Curl
import FeedSession
import JSON
import MarketModel

/// Asks the CLOB who has won: after the socket has said so, and where it has ended "because all is resolved" (dossier §2.7, §1.5).
struct PolymarketResolutions {
    /// Between two questions about one market; so many are enough.
    private static let pauseMicros: Int64 = 30_000_000
    private static let questionsMax = 40

    private struct Watch {
        let tokens: [String]
        /// The tokens were given up: they come back if the market is open after all.
        let isGivenUp: Bool
        var due: Timestamp
        var questionCount = 0
        var isAsked = false
    }

    /// What an answer has decided: tokens of markets that are over, and tokens that are to be asked for again.
    struct Outcome {
        var over: [String] = []
        var open: [String] = []
    }

    private let questions: PolymarketQuestions
    private var watches: [String: Watch] = [:]
    private var asked: [Int: String] = [:]
    /// Markets that REST has called open though the socket had ended for them: it may be REST that is late, by minutes.
    private var returned: Set<String> = []

    init(_ questions: PolymarketQuestions) {
        self.questions = questions
    }

    var isIdle: Bool { watches.isEmpty }

    /// The socket has said who has won.
    mutating func confirm(_ market: String, tokens: [String], at time: Timestamp) {
        guard watches[market] == nil else { return }
        watches[market] = Watch(tokens: tokens, isGivenUp: false, due: time.advanced(byMicros: 5_000_000))
    }

    /// The socket has ended because all of its markets are resolved, which this one may be.
    mutating func check(_ market: String, tokens: [String], at time: Timestamp) {
        guard !market.isEmpty else { return }
        let before = watches[market]?.tokens ?? []
        let wait = returned.contains(market) ? PolymarketResolutions.pauseMicros : 0
        let all = before + tokens.filter { !before.contains($0) }
        watches[market] = Watch(tokens: all, isGivenUp: true, due: time.advanced(byMicros: wait))
    }

    var nextDeadline: Timestamp? { watches.values.reduce(nil) { $1.isAsked ? $0 : .earliest($0, $1.due) } }

    mutating func act(_ control: LiveControl, at time: Timestamp) {
        for market in watches.filter({ !$0.value.isAsked && $0.value.due <= time }).keys.sorted() {
            watches[market]?.isAsked = true
            watches[market]?.questionCount += 1
            let question = questions.clobMarket(market)
            asked[control.request(question.request, recordedPath: question.path).id] = market
        }
    }

    /// Takes an answer; nil if it was not to one of these questions.
    mutating func answered(
        _ request: LiveRequest, _ result: Result<RESTAnswer, RESTFailure>, _ control: LiveControl, at time: Timestamp
    ) -> Outcome? {
        guard let market = asked.removeValue(forKey: request.id), var watch = watches[market] else { return nil }
        watch.isAsked = false
        watch.due = time.advanced(byMicros: PolymarketResolutions.pauseMicros + control.jitter(upTo: 5_000_000))
        watches[market] = watch
        guard case .success(let body) = PolymarketAnswer.body(result), let (isClosed, hasWinner) = PolymarketResolutions.read(body) else {
            if watch.questionCount >= PolymarketResolutions.questionsMax { watches[market] = nil }
            return Outcome()
        }
        if hasWinner || (watch.isGivenUp && isClosed) {
            watches[market] = nil
            returned.remove(market)
            return Outcome(over: watch.tokens)
        }
        if watch.isGivenUp || watch.questionCount >= PolymarketResolutions.questionsMax { watches[market] = nil }
        guard watch.isGivenUp else { return Outcome() }
        returned.insert(market)
        return Outcome(open: watch.tokens)
    }

    private static func read(_ body: [UInt8]) -> (isClosed: Bool, hasWinner: Bool)? {
        body.withUnsafeBufferPointer { bytes in
            var scanner = JSONScanner(JSONText(bytes))
            var isClosed = false
            var market: PolymarketClobMarket?
            do {
                try scanner.beginObject()
                while let key = try scanner.nextKey() {
                    let value = try scanner.value()
                    if key.isEqual(to: "closed") { isClosed = value.isEqual(to: "true") }
                    if key.isEqual(to: "tokens") { market = try PolymarketClobMarket(value) }
                }
            } catch {
                return nil
            }
            return market.map { (isClosed, $0.winner != nil) }
        }
    }
}

import Curl
import FeedSession
import JSON
import MarketModel

/// Asks what REST knows of markets by their tickers: whether they exist, whether they are over, and what is told of them.
struct KalshiFacts {
    private static let backoff = Backoff(baseMicros: 1_000_000, microsMax: 60_000_000)

    /// What an answer says of the tickers that were asked for.
    struct Outcome {
        var present: [KalshiListing.Market] = []
        var missing: [String] = []
    }

    private var waiting: [String] = []
    private var waitingSet: Set<String> = []
    private var asked: [Int: [String]] = [:]
    private var failureCount = 0
    private var due = Timestamp(micros: 0)

    var isIdle: Bool { waiting.isEmpty && asked.isEmpty }

    mutating func want(_ tickers: [String], at time: Timestamp) {
        if waiting.isEmpty { due = max(due, time) }
        for ticker in tickers where waitingSet.insert(ticker).inserted { waiting.append(ticker) }
    }

    mutating func forget(_ tickers: [String]) {
        let gone = Set(tickers)
        waiting.removeAll { gone.contains($0) }
        waitingSet.subtract(gone)
    }

    func nextDeadline(_ gate: KalshiGate) -> Timestamp? {
        waiting.isEmpty || !asked.isEmpty ? nil : max(due, gate.nextOpening())
    }

    mutating func act(_ control: LiveControl, _ questions: KalshiQuestions, _ gate: inout KalshiGate, at time: Timestamp) {
        guard !waiting.isEmpty, asked.isEmpty, due <= time, gate.take(at: time) else { return }
        let tickers = Array(waiting.prefix(KalshiQuestions.tickersMax))
        let asking = questions.markets(tickers: tickers)
        asked[control.request(asking.request, recordedPath: asking.path).id] = tickers
    }

    /// Takes an answer; nil if it was not to one of these questions.
    mutating func answered(
        _ request: LiveRequest, _ result: Result<RESTAnswer, RESTFailure>, _ control: LiveControl, at time: Timestamp
    ) -> Result<Outcome, KalshiAnswer.Trouble>? {
        guard let tickers = asked.removeValue(forKey: request.id) else { return nil }
        var trouble = KalshiAnswer.Trouble.other("the answer is not JSON")
        switch KalshiAnswer.body(result) {
        case .failure(let found): trouble = found
        case .success(let body):
            if let listing = try? KalshiListing(body) {
                forget(tickers)
                failureCount = 0
                due = time
                let present = Set(listing.markets.map(\.ticker))
                return .success(Outcome(present: listing.markets, missing: tickers.filter { !present.contains($0) }))
            }
        }
        failureCount += 1
        due = time.advanced(byMicros: 1_000_000 + control.backoff(failures: failureCount, KalshiFacts.backoff))
        return .failure(trouble)
    }
}

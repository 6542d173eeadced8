import Curl
import FeedSession
import Logging
import MarketModel

/// Fetches what Gamma knows of tokens that were asked for by their ids: labels, fees, what goes into the hash.
///
/// The stream does not wait for it. When Gamma is away that is said once, and asked again.
struct PolymarketFacts {
    private static let tokensMax = 20
    private static let backoff = Backoff(baseMicros: 1_000_000, microsMax: 60_000_000)

    private let questions: PolymarketQuestions
    private var wanted: [String] = []
    private var asked: [Int: [String]] = [:]
    private var failureCount = 0
    private var due = Timestamp(micros: 0)
    private var hasTold = false

    init(_ questions: PolymarketQuestions) {
        self.questions = questions
    }

    mutating func want(_ token: String, at time: Timestamp) {
        if wanted.isEmpty { due = max(due, time) }
        wanted.append(token)
    }

    mutating func forget(_ token: String) { wanted.removeAll { $0 == token } }

    var nextDeadline: Timestamp? { wanted.isEmpty || !asked.isEmpty ? nil : due }

    mutating func act(_ control: LiveControl, at time: Timestamp) {
        guard !wanted.isEmpty, asked.isEmpty, due <= time else { return }
        let tokens = Array(wanted.prefix(PolymarketFacts.tokensMax))
        let question = questions.markets(tokens: tokens)
        asked[control.request(question.request, recordedPath: question.path).id] = tokens
    }

    /// Takes an answer; false if it was not to one of these questions.
    mutating func answered(
        _ request: LiveRequest, _ result: Result<RESTAnswer, RESTFailure>, _ control: LiveControl, _ logger: Logger, at time: Timestamp
    ) -> Bool {
        guard let tokens = asked.removeValue(forKey: request.id) else { return false }
        switch PolymarketAnswer.body(result) {
        case .success:
            // Tokens that it does not know are of markets that are over; asking again would not help.
            wanted.removeAll { tokens.contains($0) }
            failureCount = 0
            due = time
            if hasTold, wanted.isEmpty {
                hasTold = false
                logger.notice("Gamma answers again: labels and fees are told from here on")
            }
        case .failure(let trouble):
            failureCount += 1
            let wait = max(trouble.retryAfterMicros, 1_000_000) + control.backoff(failures: failureCount, PolymarketFacts.backoff)
            due = time.advanced(byMicros: wait)
            if !hasTold {
                hasTold = true
                logger.warning("Gamma is away (\(trouble.words)): streaming without labels and fees until it answers")
            }
        }
        return true
    }
}

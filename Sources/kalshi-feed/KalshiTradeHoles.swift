import Curl
import FeedSession
import JSON
import MarketModel

/// Holes in the trades, filled from REST: what was missed on a socket, and what happened between two sockets.
///
/// REST is asked twice, since it may lag behind. What it answers is told by the engine, each trade once. Source: venues dossier §4.
struct KalshiTradeHoles {
    /// When REST is asked after a hole.
    private static let delaysMicros: [Int64] = [1_000_000, 8_000_000]
    /// Trades may be told a little out of order, and clocks differ.
    private static let slackMicros: Int64 = 2_000_000
    /// So few markets are asked about one by one; for more the trades of the whole exchange are read.
    private static let tickersMax = 5
    private static let pagesMax = 40
    private static let waitingMax = 40
    private static let backoff = Backoff(baseMicros: 500_000, microsMax: 30_000_000)

    private struct Question {
        let ticker: String?
        let fromSeconds: Int64
        var cursor: String?
        var cursors: Set<String> = []
        var failureCount = 0
        var due: Timestamp
    }

    private var waiting: [Question] = []
    private var asked: [Int: Question] = [:]
    /// Holes that REST was too far behind for, or that were too long.
    private(set) var unfilledCount = 0

    var isIdle: Bool { waiting.isEmpty && asked.isEmpty }

    /// Trades since `from` may be missing.
    mutating func add(from: Timestamp, tickers: [String], at time: Timestamp) {
        let seconds = from.advanced(byMicros: -KalshiTradeHoles.slackMicros).micros / 1_000_000
        let names: [String?] = tickers.count <= KalshiTradeHoles.tickersMax ? tickers : [nil]
        for name in names {
            for delay in KalshiTradeHoles.delaysMicros {
                let due = time.advanced(byMicros: delay)
                if waiting.count < KalshiTradeHoles.waitingMax {
                    waiting.append(Question(ticker: name, fromSeconds: seconds, due: due))
                } else if let index = waiting.lastIndex(where: { $0.ticker == name && $0.cursor == nil }) {
                    // One hole after another: they are one.
                    waiting[index] = Question(ticker: name, fromSeconds: min(seconds, waiting[index].fromSeconds), due: due)
                }
            }
        }
    }

    mutating func act(_ control: LiveControl, _ questions: KalshiQuestions, _ gate: inout KalshiGate, at time: Timestamp) {
        while let index = waiting.firstIndex(where: { $0.due <= time }), gate.take(at: time) {
            let question = waiting.remove(at: index)
            let asking = questions.trades(ticker: question.ticker, from: question.fromSeconds, after: question.cursor)
            asked[control.request(asking.request, recordedPath: asking.path).id] = question
        }
    }

    /// Takes an answer; nil if it was not to one of these questions, else what was wrong with it.
    mutating func answered(
        _ request: LiveRequest, _ result: Result<RESTAnswer, RESTFailure>, _ control: LiveControl, at time: Timestamp
    ) -> Result<Void, KalshiAnswer.Trouble>? {
        guard var question = asked.removeValue(forKey: request.id) else { return nil }
        switch KalshiAnswer.body(result) {
        case .failure(let trouble):
            question.failureCount += 1
            question.due = time.advanced(byMicros: 500_000 + control.backoff(failures: question.failureCount, KalshiTradeHoles.backoff))
            waiting.append(question)
            return .failure(trouble)
        case .success(let body):
            guard let next = (try? KalshiListing(body))?.cursor else { return .success(()) }
            guard question.cursors.insert(next).inserted, question.cursors.count < KalshiTradeHoles.pagesMax else {
                unfilledCount += 1
                return .success(())
            }
            question.cursor = next
            question.failureCount = 0
            question.due = time
            waiting.append(question)
            return .success(())
        }
    }

    func nextDeadline(_ gate: KalshiGate) -> Timestamp? {
        waiting.map(\.due).min().map { max($0, gate.nextOpening()) }
    }
}

import FeedSession
import MarketModel

/// Tokens whose books are missing or lost, on their way back by REST.
///
/// REST gives a book, the stream goes on from it (dossier §2.10). What three answers have not mended is moved to another socket.
struct PolymarketRepairs {
    static let tokensMax = 100
    private static let triesMax = 3
    private static let pauseMicros: Int64 = 200_000
    private static let backoff = Backoff(baseMicros: 1_000_000, microsMax: 60_000_000)

    private struct Repair {
        var tryCount = 0
        /// Answers that did not know the token: settled, or minted a moment ago.
        var absentCount = 0
        var due: Timestamp
        var isAsked = false
    }

    private var open: [String: Repair] = [:]
    private var nextQuestion = Timestamp(micros: 0)
    /// Questions in a row that had no answer.
    private var failureCount = 0

    var isEmpty: Bool { open.isEmpty }

    mutating func add(_ token: String, at time: Timestamp) {
        if open[token] == nil { open[token] = Repair(due: time) }
    }

    mutating func remove(_ token: String) { open[token] = nil }

    /// Tokens to ask for now, together.
    mutating func takeDue(at time: Timestamp) -> [String] {
        guard time >= nextQuestion else { return [] }
        let due = open.filter { !$0.value.isAsked && $0.value.due <= time }.keys.sorted().prefix(PolymarketRepairs.tokensMax)
        guard !due.isEmpty else { return [] }
        for token in due { open[token]?.isAsked = true }
        nextQuestion = time.advanced(byMicros: PolymarketRepairs.pauseMicros)
        return Array(due)
    }

    /// The question was answered, or failed.
    ///
    /// - Parameters:
    ///   - known: tokens whose books are known now.
    ///   - present: tokens that the answer has; nil if there was none.
    /// - Returns: tokens to be moved to another socket.
    mutating func answered(
        _ tokens: [String], known: Set<String>, present: Set<String>?, least: Int64, _ control: LiveControl, at time: Timestamp
    ) -> [String] {
        failureCount = present == nil ? failureCount + 1 : 0
        var moving: [String] = []
        for token in tokens {
            guard var repair = open[token] else { continue }
            if known.contains(token) {
                open[token] = nil
                continue
            }
            repair.isAsked = false
            if let present {
                if present.contains(token) { repair.tryCount += 1 } else { repair.absentCount += 1 }
            }
            if repair.tryCount >= PolymarketRepairs.triesMax {
                repair.tryCount = 0
                moving.append(token)
            }
            let failures = max(repair.tryCount, repair.absentCount, failureCount)
            let wait = PolymarketRepairs.pauseMicros + least + control.backoff(failures: failures, PolymarketRepairs.backoff)
            repair.due = time.advanced(byMicros: wait)
            open[token] = repair
        }
        return moving
    }

    var nextDeadline: Timestamp? {
        let due = open.values.reduce(nil) { $1.isAsked ? $0 : Timestamp?.earliest($0, $1.due) }
        return due.map { max($0, nextQuestion) }
    }
}

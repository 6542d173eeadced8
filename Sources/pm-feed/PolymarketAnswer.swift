import Curl
import UnixTool
import WebSocket

/// What a REST answer of the venue comes to: a body to read, or why there is none.
enum PolymarketAnswer {
    struct Trouble: Error, Equatable {
        let words: String
        /// Nothing of the venue was reached.
        let isNetwork: Bool
        let retryAfterMicros: Int64
        /// How a tool ends that cannot do without the answer.
        let status: ExitStatus
    }

    /// The body of a 200. Any other status is trouble, whatever stands in its body: it may be a page for people (dossier §4.4).
    static func body(_ result: Result<RESTAnswer, RESTFailure>) -> Result<[UInt8], Trouble> {
        switch result {
        case .failure(let failure):
            // What to do is said by whoever knows what it was for.
            let words = failure.description.prefix { $0 != ";" }
            return .failure(Trouble(words: String(words), isNetwork: failure.isNetwork, retryAfterMicros: 0, status: .unavailable))
        case .success(let answer) where answer.status == 200:
            return .success(answer.body)
        case .success(let answer):
            return .failure(
                Trouble(
                    words: "HTTP status \(answer.status)", isNetwork: false, retryAfterMicros: retryAfter(answer),
                    status: answer.status == 429 || answer.status >= 500 ? .tryLater : .unavailable))
        }
    }

    private static func retryAfter(_ answer: RESTAnswer) -> Int64 {
        guard let text = answer.retryAfter, let retry = HTTPRetryAfter(text) else { return answer.status == 429 ? 1_000_000 : 0 }
        switch retry {
        case .seconds(let seconds): return min(max(seconds, 0), 600) * 1_000_000
        case .date(let micros): return min(max(micros - (answer.dateMicros ?? micros), 0), 600_000_000)
        }
    }
}

import MarketModel
import TestSupport

@testable import Curl
@testable import FeedSession
@testable import pm_feed

/// One part of a live session beside its REST side: the test says what time it is and what is answered.
final class RESTBench {
    let control: LiveControl
    var now: Int64 = 1_000_000_000
    let questions = PolymarketQuestions(clob: "c", gamma: "g")
    let log = LogBox()

    init(seed: UInt64 = 1) {
        control = LiveControl(FeedSession.Session(SessionRules(), at: 0), random: SeededGenerator(seed: seed))
    }

    var time: Timestamp { Timestamp(micros: now) }

    /// What was asked since the last call, with the address.
    func asked() -> [(request: LiveRequest, url: String)] {
        control.takeWishes().compactMap {
            guard case .request(let live, let request) = $0 else { return nil }
            return (live, request.url)
        }
    }

    static func answer(_ body: String, status: Int = 200, retryAfter: String? = nil) -> Result<RESTAnswer, RESTFailure> {
        .success(RESTAnswer(status: status, body: Array(body.utf8), contentType: nil, retryAfter: retryAfter, dateMicros: nil))
    }

    static let away = Result<RESTAnswer, RESTFailure>.failure(.unreachable("no route"))

    /// A market as Gamma tells it.
    static func market(
        _ id: String, tokens: [String], volume: String = "1", closed: Bool = false, hasBook: Bool = true, slug: String = "s"
    ) -> String {
        let list = tokens.map { "\\\"\($0)\\\"" }.joined(separator: ",")
        return
            #"{"conditionId":"\#(id)","slug":"\#(slug)","question":"Q","clobTokenIds":"[\#(list)]","outcomes":"[\"Yes\",\"No\"]","volume24hr":\#(volume),"closed":\#(closed),"active":true,"enableOrderBook":\#(hasBook)}"#
    }
}

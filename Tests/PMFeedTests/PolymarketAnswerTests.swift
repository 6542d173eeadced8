import Testing

@testable import Curl
@testable import pm_feed

@Suite struct PolymarketAnswerTests {
    private static let date: Int64 = 1_790_000_000_000_000

    private func trouble(_ status: Int, retryAfter: String? = nil, date: Int64? = date) -> PolymarketAnswer.Trouble? {
        let answer = RESTAnswer(
            status: status, body: Array("<html>".utf8), contentType: "text/html", retryAfter: retryAfter, dateMicros: date)
        guard case .failure(let trouble) = PolymarketAnswer.body(.success(answer)) else { return nil }
        return trouble
    }

    @Test func only200_hasABody() throws {
        let answer = RESTAnswer(status: 200, body: [1, 2], contentType: nil, retryAfter: "7", dateMicros: nil)
        #expect(try PolymarketAnswer.body(.success(answer)).get() == [1, 2])
        for status in [201, 204, 301, 400, 404, 422, 429, 500, 503] {
            #expect(trouble(status)?.words == "HTTP status \(status)" && trouble(status)?.isNetwork == false)
            #expect(trouble(status)?.status == ([429, 500, 503].contains(status) ? .tryLater : .unavailable))
        }
    }

    @Test(arguments: [
        (429, nil as String?, 1_000_000 as Int64), (429, "7", 7_000_000), (429, "0", 0), (429, "999999999999999", 600_000_000),
        (503, "3", 3_000_000), (500, nil, 0), (404, nil, 0), (429, "soon", 1_000_000),
        // 1790000000 is Mon, 21 Sep 2026 14:13:20 GMT.
        (429, "Mon, 21 Sep 2026 14:13:50 GMT", 30_000_000), (429, "Mon, 21 Sep 2026 14:00:00 GMT", 0),
        (503, "Tue, 22 Sep 2026 14:13:20 GMT", 600_000_000),
    ])
    func retryAfter_isTheLeastWait(status: Int, retryAfter: String?, micros: Int64) {
        #expect(trouble(status, retryAfter: retryAfter)?.retryAfterMicros == micros)
    }

    @Test func failures_keepTheirWords_andSayWhetherAnythingWasReached() {
        for (failure, isNetwork) in [
            (RESTFailure.unreachable("no route"), true), (.unresolved("no name"), true), (.timedOut("late"), false),
        ] {
            guard case .failure(let trouble) = PolymarketAnswer.body(.failure(failure)) else {
                Issue.record("a body")
                return
            }
            #expect(trouble.isNetwork == isNetwork && trouble.words == failure.description && trouble.retryAfterMicros == 0)
        }
    }
}

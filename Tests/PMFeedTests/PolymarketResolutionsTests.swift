import MarketModel
import Testing

@testable import FeedSession
@testable import pm_feed

@Suite struct PolymarketResolutionsTests {
    private let bench = RESTBench()

    private func resolutions() -> PolymarketResolutions { PolymarketResolutions(bench.questions) }

    private func state(closed: Bool, winner: String? = nil) -> String {
        let tokens = ["1", "2"].map { #"{"token_id":"\#($0)","winner":\#($0 == winner)}"# }.joined(separator: ",")
        return #"{"condition_id":"0xc","closed":\#(closed),"tokens":[\#(tokens)]}"#
    }

    private func ask(_ resolutions: inout PolymarketResolutions) throws -> LiveRequest {
        bench.now = max(bench.now, resolutions.nextDeadline?.micros ?? bench.now)
        resolutions.act(bench.control, at: bench.time)
        let asked = bench.asked()
        guard asked.count == 1 else { throw DriverFault("\(asked.count) questions") }
        #expect(asked[0].url == "c/markets/0xc")
        return asked[0].request
    }

    private func answer(
        _ resolutions: inout PolymarketResolutions, _ request: LiveRequest, _ body: String, status: Int = 200
    ) -> PolymarketResolutions.Outcome? {
        resolutions.answered(request, RESTBench.answer(body, status: status), bench.control, at: bench.time)
    }

    @Test func socketsWord_isConfirmedFiveSecondsLater() throws {
        var resolutions = resolutions()
        resolutions.confirm("0xc", tokens: ["1", "2"], at: bench.time)
        resolutions.confirm("0xc", tokens: ["1", "2"], at: bench.time)
        #expect(resolutions.nextDeadline?.micros == bench.now + 5_000_000)
        let outcome = answer(&resolutions, try ask(&resolutions), state(closed: true, winner: "2"))
        #expect(outcome?.over == ["1", "2"] && outcome?.open == [] && resolutions.isIdle)
    }

    @Test func restThatLags_isAskedEveryHalfMinute_theTokensStayMeanwhile() throws {
        var resolutions = resolutions()
        resolutions.confirm("0xc", tokens: ["1", "2"], at: bench.time)
        for _ in 0..<5 {
            let outcome = answer(&resolutions, try ask(&resolutions), state(closed: true))
            #expect(outcome?.over == [] && outcome?.open == [])
            #expect((30_000_000...35_000_000).contains(resolutions.nextDeadline!.micros - bench.now))
        }
        #expect(answer(&resolutions, try ask(&resolutions), state(closed: true, winner: "1"))?.over == ["1", "2"])
    }

    @Test func restThatNeverSays_isNotAskedForEver() throws {
        var resolutions = resolutions()
        resolutions.confirm("0xc", tokens: ["1"], at: bench.time)
        var count = 0
        while !resolutions.isIdle, count < 100 {
            _ = answer(&resolutions, try ask(&resolutions), "<html>", status: count % 2 == 0 ? 500 : 200)
            count += 1
        }
        #expect(count == 40)
    }

    @Test func tokensGivenUp_comeBackIfTheMarketIsOpen_andAreOverIfItIsClosed() throws {
        for (isClosed, winner) in [(false, nil), (true, nil), (true, "1")] as [(Bool, String?)] {
            var resolutions = resolutions()
            resolutions.check("0xc", tokens: ["1"], at: bench.time)
            resolutions.check("0xc", tokens: ["2", "1"], at: bench.time)
            let outcome = answer(&resolutions, try ask(&resolutions), state(closed: isClosed, winner: winner))
            #expect(outcome?.over == (isClosed ? ["1", "2"] : []) && outcome?.open == (isClosed ? [] : ["1", "2"]))
            #expect(resolutions.isIdle)
        }
    }

    /// REST lags a resolution by minutes (dossier §4.2): what the socket ends for again and again must not make a storm.
    @Test func tokensThatCameBack_andAreCalledResolvedAgain_waitHalfAMinute() throws {
        var resolutions = resolutions()
        resolutions.check("0xc", tokens: ["1"], at: bench.time)
        #expect(resolutions.nextDeadline?.micros == bench.now)
        #expect(answer(&resolutions, try ask(&resolutions), state(closed: false))?.open == ["1"])
        for _ in 0..<4 {
            bench.now += 500_000
            resolutions.check("0xc", tokens: ["1"], at: bench.time)
            #expect(resolutions.nextDeadline!.micros - bench.now >= 30_000_000)
            #expect(answer(&resolutions, try ask(&resolutions), state(closed: false))?.open == ["1"])
        }
    }

    @Test func answersToOthers_areNotTaken() {
        var resolutions = resolutions()
        #expect(answer(&resolutions, LiveRequest(id: 99, recordedPath: nil), state(closed: true)) == nil)
        resolutions.check("", tokens: ["1"], at: bench.time)
        #expect(resolutions.isIdle && resolutions.nextDeadline == nil)
    }
}

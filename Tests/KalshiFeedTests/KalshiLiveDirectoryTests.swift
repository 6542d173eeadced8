import MarketModel
import Testing
import UnixTool

@testable import FeedSession
@testable import kalshi_feed

/// What a live session asks of REST, and what it does without.
@Suite struct KalshiLiveDirectoryTests {
    private func tickers(_ session: LiveSession) -> [String] { session.adapter.slots.groups.flatMap(\.tickers) }

    private func thrown(_ body: () throws -> Void) -> ToolFailure? {
        do {
            try body()
            return nil
        } catch {
            return error as? ToolFailure
        }
    }

    @Test func tickers_areCheckedFirst_andUnknownOnesLeftOut() throws {
        // §7 no. 15.
        let session = try LiveSession(["A-1", "NOBODY", "OVER-1"])
        #expect(session.questions.contains("/trade-api/v2/markets?limit=1000&tickers=A-1,NOBODY,OVER-1"))
        #expect(tickers(session).isEmpty)
        try session.answer(
            "/markets?", #"{"markets":[{"ticker":"A-1","event_ticker":"A","status":"active"},{"ticker":"OVER-1","status":"finalized"}]}"#)
        #expect(tickers(session) == ["A-1"])
    }

    @Test func nothingThatExists_endsWith66() throws {
        let session = try LiveSession(["NOBODY"])
        let failure = thrown { try session.answer("/markets?", #"{"markets":[],"cursor":""}"#) }
        #expect(failure?.status == .noInput && failure?.message.contains("NOBODY") == true)
    }

    @Test(arguments: [429, 500, 502])
    func withoutREST_tickersAreStreamed_andUnknownOnesLeaveLater(_ status: Int) throws {
        let session = try LiveSession(["A-1", "NOBODY"])
        try session.answer("/markets?", status: status, "<html>")
        #expect(tickers(session) == ["A-1", "NOBODY"])
        try session.pass(seconds: 10)
        try session.answer("/markets?", LiveSession.listing(["A-1"]))
        #expect(tickers(session) == ["A-1"])
    }

    @Test func withoutANetwork_eventsEndTheRunWith69_andNameTheDemo() throws {
        let session = try LiveSession(["event:A-B"])
        try session.fail("/exchange/status")
        for _ in 0..<4 {
            if session.requests.contains(where: { $0.url.contains("/markets?") }) { try session.fail("/markets?") }
            try session.pass(seconds: 2)
        }
        let failure = thrown {
            try session.pass(seconds: 8)
        }
        #expect(failure?.status == .unavailable && failure?.message.contains("make demo") == true)
    }

    // MARK: Listings (§7 no. 14)

    @Test func pages_areFollowedToTheEnd_andARepeatedCursorEndsThem() throws {
        let session = try LiveSession(["series:A"])
        try session.answer("series_ticker=A", LiveSession.listing(["A-1", "A-2"], cursor: "x y/+"))
        #expect(tickers(session) == ["A-1", "A-2"])
        try session.answer("cursor=x%20y%2F%2B", LiveSession.listing(["A-3"], cursor: "x y/+"))
        #expect(tickers(session) == ["A-1", "A-2", "A-3"])
        try session.pass(seconds: 5)
        #expect(!session.questions.contains { $0.contains("series_ticker") })
    }

    @Test func pageOfTheSite_isAnEvent_orElseAMarket() throws {
        let session = try LiveSession(["https://kalshi.com/markets/kxa/words/kxa-b-1"])
        try session.answer("event_ticker=KXA-B-1", LiveSession.listing([]))
        try session.answer("tickers=KXA-B-1", LiveSession.listing(["KXA-B-1"]))
        #expect(tickers(session) == ["KXA-B-1"])
    }

    @Test func top_readsAllPages_andTakesTheBusiest() throws {
        let session = try LiveSession(["--top", "2"])
        try session.answer("mve_filter=exclude", LiveSession.listing(["A-1", "A-2"], cursor: "c", volumes: ["5.00", "1.00"]))
        #expect(tickers(session).isEmpty)
        try session.answer("cursor=c", LiveSession.listing(["A-3", "A-4"], volumes: ["70.00", "2.50"]))
        #expect(tickers(session) == ["A-3", "A-1"])
        #expect(session.paper["rest_answers"] == 0)
    }

    @Test func seriesThatDoesNotExist_endsWith66_oneWithoutMarketsWaits() throws {
        let session = try LiveSession(["series:A"])
        try session.answer("series_ticker=A", LiveSession.listing([]))
        try session.answer("/series/A", #"{"series":{"ticker":"A"}}"#)
        try session.pass(seconds: 30)
        let other = try LiveSession(["series:B"])
        try other.answer("series_ticker=B", LiveSession.listing([]))
        let failure = thrown { try other.answer("/series/B", status: 404, #"{"error":{"code":"not_found"}}"#) }
        #expect(failure?.status == .noInput && failure?.message.contains("series:B") == true)
    }

    // MARK: New and settled markets

    @Test func newMarketOfASeries_isAskedForAtOnce() throws {
        let session = try LiveSession(["series:A"])
        try session.answer("series_ticker=A", LiveSession.listing(["A-1"]))
        try session.open()
        try session.acknowledgeAll()
        try session.receive(
            #"{"type":"market_lifecycle_v2","sid":3,"seq":1,"msg":{"market_ticker":"A-2","event_type":"created","open_ts":1790000000,"#
                + #""close_ts":1790009999,"additional_metadata":{"title":"t","event_ticker":"A"}}}"#)
        try session.receive(#"{"type":"market_lifecycle_v2","sid":3,"seq":2,"msg":{"market_ticker":"Z-2","event_type":"activated"}}"#)
        try session.pass(seconds: 0.2)
        #expect(
            session.sent().commands.filter { $0.hasPrefix("subscribe") }.prefix(2) == [
                "subscribe orderbook_delta A-2", "subscribe trade A-2",
            ])
        #expect(tickers(session) == ["A-1", "A-2"])
    }

    @Test func settledMarkets_areLeft_andTheLastOneEndsTheRun() throws {
        let session = try LiveSession.live(["A-1", "B-1"])
        try session.receive(
            #"{"type":"market_lifecycle_v2","sid":3,"seq":1,"msg":{"market_ticker":"A-1","event_type":"settled","settled_ts":1790000000}}"#)
        #expect(tickers(session) == ["B-1"])
        try session.pass(seconds: 0.2)
        #expect(session.sent().commands.contains("update_subscription delete_markets A-1"))
        #expect(session.control.finishReason == nil)
        try session.receive(
            #"{"type":"market_lifecycle_v2","sid":3,"seq":2,"msg":{"market_ticker":"B-1","event_type":"settled","settled_ts":1790000000}}"#)
        #expect(session.control.finishReason != nil)
    }

    @Test func holeInTheLifecycle_looksEverythingUpAgain() throws {
        let session = try LiveSession(["series:A"])
        try session.answer("series_ticker=A", LiveSession.listing(["A-1"]))
        try session.open()
        try session.acknowledgeAll()
        let frame = #"{"type":"market_lifecycle_v2","sid":3,"seq":%,"msg":{"market_ticker":"Z-2","event_type":"activated"}}"#
        try session.receive(frame.replacing("%", with: "1"))
        try session.receive(frame.replacing("%", with: "5"))
        try session.pass(seconds: 0.2)
        try session.answer("series_ticker=A", LiveSession.listing(["A-1", "A-9"]))
        #expect(tickers(session) == ["A-1", "A-9"])
    }

    // MARK: Trades (§4)

    @Test func holeInTheTrades_isFilledFromREST_inOrder_eachOnce() throws {
        let session = try LiveSession.live(["A-1"])
        let first = 1_790_000_000
        try session.receive(trade("A-1", seq: 1, more: #","taker_side":"yes","ts":\#(first)"#))
        try session.receive(trade("A-1", seq: 4, more: #","taker_side":"yes","ts":\#(first + 3)"#))
        _ = session.lines()
        try session.pass(seconds: 1.1)
        let question = try #require(session.questions.first { $0.contains("/markets/trades") })
        #expect(question.contains("ticker=A-1") && question.contains("min_ts=") && !question.contains("cursor"))
        try session.answer(
            "/markets/trades", #"{"trades":[\#(listed("t-4", first + 3)),\#(listed("t-3", first + 2))],"cursor":"c"}"#)
        #expect(session.lines().brief == [])
        try session.answer("cursor=c", #"{"trades":[\#(listed("t-2", first + 1)),\#(listed("t-1", first))],"cursor":""}"#)
        let told = session.lines()
        #expect(told.brief.map { $0.suffix(12) } == ["trade_id=t-2", "trade_id=t-3"])
        #expect(told.allSatisfy { !$0.contains("\"conn\"") && $0.contains("\"recv_us\":\(session.now.micros)") })
        #expect(told[0].contains("\"venue_us\":\(first + 1)000000"))
        try session.pass(seconds: 8)
        try session.answer("/markets/trades", #"{"trades":[\#(listed("t-5", first + 5)),\#(listed("t-2", first + 1))],"cursor":""}"#)
        #expect(session.lines().brief.map { $0.suffix(12) } == ["trade_id=t-5"])
        try session.receive(trade("A-1", seq: 5, more: #","taker_side":"yes","ts":\#(first + 5)"#))
        #expect(session.lines().brief == [] && session.paper["duplicate_trades"] == 1)
    }

    private func listed(_ id: String, _ seconds: Int, ticker: String = "A-1") -> String {
        #"{"trade_id":"\#(id)","ticker":"\#(ticker)","yes_price_dollars":"0.3600","no_price_dollars":"0.6400","count_fp":"2.00","#
            + #""taker_outcome_side":"yes","created_time":"\#(time(seconds))"}"#
    }

    /// 1_790_000_000 is 2026-09-21T14:13:20Z.
    private func time(_ seconds: Int) -> String { "2026-09-21T14:13:\(20 + seconds - 1_790_000_000)Z" }

    @Test func tradesBetweenTwoSockets_areAskedFor() throws {
        let session = try LiveSession.live(["A-1"])
        try session.receive(trade("A-1", seq: 1, more: #","taker_side":"yes","ts":1790000000"#))
        try session.close(1)
        try session.pass(seconds: 3)
        #expect(!session.questions.contains { $0.contains("/trades") })
        try session.open(2)
        try session.acknowledgeAll(on: 2)
        try session.pass(seconds: 1.2)
        #expect(session.questions.contains { $0.contains("/markets/trades") })
    }

    // MARK: Pace (§6.1, §7 no. 16)

    @Test func refusals429_slowTheQuestionsDown_whateverTheirBodies() throws {
        let session = try LiveSession((0..<40).map { "event:E-\($0)" })
        var count = 0
        for _ in 0..<100 {
            while let (live, _) = session.requests.first {
                count += 1
                _ = live
                try session.answer("/", status: 429, count % 2 == 0 ? "<html>" : #"{"error":"too many requests"}"#)
            }
            try session.pass(seconds: 0.1)
        }
        #expect(count < 45, "\(count) questions in ten seconds")
    }

    // MARK: SIGHUP

    @Test func listThatWasReadAgain_addsAndDropsMarkets() throws {
        let folder = "/tmp/kalshi-markets-\(UInt32.random(in: 0...UInt32.max))"
        try TextFile.replace(folder, with: "A-1\nB-1 # a comment\n")
        defer { _ = try? TextFile.replace(folder, with: "") }
        let session = try LiveSession(["--markets-file", folder])
        try session.answerMarkets(["A-1", "B-1"])
        try session.open()
        try session.acknowledgeAll()
        try TextFile.replace(folder, with: "B-1\nC-1\n")
        try session.step { try session.adapter.reload(session.control, at: session.now) }
        try session.pass(seconds: 0.2)
        let off = session.sent()
        #expect(off.commands == ["update_subscription delete_markets A-1", "update_subscription delete_markets A-1"])
        for text in off {
            let command = try Command(text)
            try session.receive(done(command.id, sid: Int(command.sids[0])))
        }
        try session.answerMarkets(["C-1"])
        try session.pass(seconds: 0.2)
        #expect(session.sent().commands == ["subscribe orderbook_delta C-1", "subscribe trade C-1"])
        #expect(Set(tickers(session)) == ["B-1", "C-1"])
    }
}

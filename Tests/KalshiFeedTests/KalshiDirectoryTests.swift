import JSON
import Testing
import UnixTool

@testable import kalshi_feed

@Suite struct KalshiDirectoryTests {
    private static let market = """
        {"ticker":"KXBTC15M-26SEP251515-15","event_ticker":"KXBTC15M-26SEP251515","status":"active","title":"Up?","open_time":"2026-09-25T19:00:00Z",\
        "close_time":"2026-09-25T19:15:00Z","floor_strike":83950.62,"price_ranges":[{"start":"0.0000","end":"0.1000","step":"0.0010"},\
        {"start":"0.1000","end":"0.9000","step":"0.0100"},{"start":"0.9000","end":"1.0000","step":"0.0010"}]}
        """
    private static let told = """
        instrument instrument=KXBTC15M-26SEP251515-15 conn=1 outcome=Yes question=Up? event=KXBTC15M-26SEP251515 state=open \
        price_ranges=[{"start":0,"end":0.1,"step":0.001},{"start":0.1,"end":0.9,"step":0.01},{"start":0.9,"end":1,"step":0.001}] \
        open_us=1790362800000000 close_us=1790363700000000
        """

    @Test(arguments: [
        ("/markets?tickers=X&limit=1000", "{\"cursor\":\"\",\"markets\":[\(market)]}"),
        ("/markets/KXBTC15M-26SEP251515-15", "{\"market\":\(market)}"),
        ("/trade-api/v2/markets/KXBTC15M-26SEP251515-15", "{\"market\":\(market)}"),
        (
            "/events/KXBTC15M-26SEP251515?with_nested_markets=true",
            "{\"event\":{\"event_ticker\":\"KXBTC15M-26SEP251515\",\"markets\":[\(market)]}}"
        ),
        ("/events/KXBTC15M-26SEP251515", "{\"event\":{\"event_ticker\":\"KXBTC15M-26SEP251515\"},\"markets\":[\(market)]}"),
    ])
    func listedMarket_isToldWithItsFacts_beforeItsFirstUse(_ path: String, _ body: String) throws {
        let session = try Session()
        #expect(try session.answer(path, body) == [])
        #expect(try session.receive(snapshot("KXBTC15M-26SEP251515-15", seq: 1)).instruments == [KalshiDirectoryTests.told])
        #expect(try session.answer(path, body) == [])
    }

    @Test func changedFact_isToldAgain() throws {
        let session = try Session()
        try session.receive(snapshot("KXBTC15M-26SEP251515-15", seq: 1))
        #expect(try session.answer("/markets/X", "{\"market\":\(KalshiDirectoryTests.market)}").instruments == [KalshiDirectoryTests.told])
    }

    @Test(arguments: [
        ("initialized", "unopened"), ("inactive", "paused"), ("active", "open"), ("closed", "closed"), ("determined", "determined"),
        ("disputed", "determined"), ("amended", "determined"), ("finalized", "settled"),
    ])
    func wordsOfAnswers_areOurStates(_ word: String, _ state: String) throws {
        let session = try Session()
        try session.answer("/markets/A", "{\"market\":{\"ticker\":\"A\",\"status\":\"\(word)\"}}")
        #expect(try session.receive(snapshot("A", seq: 1)).instruments == ["instrument instrument=A conn=1 outcome=Yes state=\(state)"])
    }

    @Test func oneBadMarket_isSkippedAlone() throws {
        let session = try Session()
        try session.answer("/markets", #"{"markets":[{"ticker":5},{"event_ticker":"E"},7,{"ticker":"A","title":"t"}]}"#)
        #expect(session["skipped_rest_market"] == 3)
        #expect(try session.receive(snapshot("A", seq: 1)).instruments == ["instrument instrument=A conn=1 outcome=Yes question=t"])
    }

    @Test(
        arguments: [
            ("/markets/A/orderbook", #"{"orderbook_fp":{"no_dollars":[],"yes_dollars":[]}}"#, 200, "rest_unused"),
            ("/exchange/status", #"{"exchange_active":true}"#, 200, "rest_unused"),
            ("/markets", #"{"error":"too many requests"}"#, 429, "rest_status_429"),
            ("/markets", "<html>", 200, "skipped_rest_body"),
            ("/markets", #"{"markets":5}"#, 200, "skipped_rest_body"),
            ("/series/E", #"{"series":{"fee_type":"quadratic"}}"#, 200, "skipped_rest_body"),
        ] as [(String, String, Int64, String)])
    func answerThatSaysNothingOfMarkets_isCounted(_ path: String, _ body: String, _ status: Int64, _ counter: String) throws {
        let session = try Session()
        #expect(try session.answer(path, body, status: status) == [])
        #expect(session[counter] == 1)
    }

    // MARK: Which markets are shown

    @Test(
        arguments: [
            (["A-B-1"], ["A-B-1"]), (["event:A-B"], ["A-B-1", "A-B-2"]), (["series:A"], ["A-B-1", "A-B-2", "A-C-1"]),
            (["A-B-1", "series:Z"], ["A-B-1", "Z-1"]), (["https://kalshi.com/markets/a/some-words/a-b"], ["A-B-1", "A-B-2"]),
            (["https://kalshi.com/markets/a"], ["A-B-1", "A-B-2", "A-C-1"]),
            (["kalshi.com/markets/a/some-words?x=1"], ["A-B-1", "A-B-2", "A-C-1"]),
            (["https://www.kalshi.com/events/a-c"], ["A-C-1"]), (["a-b-1"], []), ([], ["A-B-1", "A-B-2", "A-C-1", "Z-1"]),
        ] as [([String], [String])])
    func marketArguments_filterWhatIsShown(_ arguments: [String], _ shown: [String]) throws {
        let session = try Session(arguments)
        var lines: [String] = []
        for (index, ticker) in ["A-B-1", "A-B-2", "A-C-1", "Z-1"].enumerated() {
            lines += try session.receive(snapshot(ticker, seq: UInt64(index) + 1)).brief
            lines += try session.receive(trade(ticker, seq: UInt64(index) + 1)).brief
        }
        let instruments = lines.filter { $0.hasPrefix("book_snapshot") }.map { $0.split(separator: " ")[1].dropFirst(11) }
        #expect(instruments.map(String.init) == shown)
        #expect(lines.filter { $0.hasPrefix("trade ") }.count == shown.count)
        #expect(session.venue.registry.unmatched == (arguments == ["a-b-1"] ? ["a-b-1"] : []))
    }

    @Test func marketWhoseEventIsToldLate_isShownFromASnapshotOn() throws {
        let session = try Session(["event:OTHER"])
        #expect(try session.receive(snapshot("A-1", seq: 1, yes: [("0.3000", "1.00")])).brief == ["feed_status conn=1 state=live"])
        #expect(
            try session.answer("/markets/A-1", #"{"market":{"ticker":"A-1","event_ticker":"OTHER"}}"#).brief
                == ["book_snapshot instrument=A-1 conn=1 seq=1 bids=[[0.3,1]] asks=[] reason=initial"])
        #expect(try session.receive(delta("A-1", seq: 2, "yes", "0.3000", "1.00")).brief.count == 1)
    }

    @Test func gapOfAHiddenMarket_isNotTold() throws {
        let session = try Session(["A"])
        try session.receive(snapshot("B", seq: 1))
        #expect(try session.receive(delta("B", seq: 2, "yes", "0.3000", "-1.00")).brief == [])
    }

    @Test(arguments: ["bad ticker", "", "event:", "tag:x", "https://example.com/markets/a", "https://kalshi.com/", "A/B"])
    func argumentThatIsNoMarket_isMisuse(_ argument: String) {
        #expect { try KalshiSelection([argument]) } throws: { ($0 as? ToolFailure)?.status == .usage }
    }

    // MARK: Settings

    @Test(arguments: [
        ["--channels", "book,nothing"], ["--channels", ""], ["--channels", "trade", "--books-only"], ["--books-only", "--trades-only"],
    ])
    func channelsThatLeaveNothing_areMisuse(_ arguments: [String]) {
        #expect { try Session(arguments) } throws: { ($0 as? ToolFailure)?.status == .usage }
    }

    @Test func channels_areTakenFromTheEnvironment() throws {
        let session = try Session(environment: ["KALSHI_FEED_CHANNELS": "ticker,book"])
        #expect(session.venue.channels == [.ticker, .book])
        #expect(try Session().venue.channels == [.book, .trade, .lifecycle])
        #expect(try Session(["--books-only"]).venue.channels == [.book])
    }

    @Test func noLabel_leavesLabelsOut() throws {
        let session = try Session(["--no-label"])
        #expect(try session.receive(snapshot("A", seq: 1)).allSatisfy { !$0.contains("label") })
    }
}

@Suite struct KalshiCommandTests {
    private func command(_ text: String) -> KalshiCommand? {
        var text = text
        return text.withUTF8 { KalshiCommand(JSONText(base: $0.baseAddress!, count: $0.count)) }
    }

    @Test func subscribe_isRead() throws {
        let read = try #require(
            command(
                #"{"id":1,"cmd":"subscribe","params":{"channels":["orderbook_delta","trade","x"],"market_tickers":["A","B"],"use_yes_price":true,"skip_ticker_ack":true}}"#
            ))
        #expect(read.id == 1 && read.verb == .subscribe && read.channels == [.book, .trade, .other])
        #expect(read.tickers == ["A", "B"] && read.usesYesPrice == true)
        #expect(command(#"{"id":1,"cmd":"subscribe","params":{"channels":["orderbook_delta"],"market_ticker":"A"}}"#)?.tickers == ["A"])
    }

    @Test(
        arguments: [
            (
                #"{"id":8,"cmd":"update_subscription","params":{"sid":1,"action":"add_markets","market_tickers":["N"]}}"#,
                KalshiCommand.Verb.addMarkets, [1]
            ),
            (
                #"{"id":9,"cmd":"update_subscription","params":{"sids":[1],"action":"delete_markets","market_tickers":["N"]}}"#,
                .deleteMarkets, [1]
            ),
            (
                #"{"id":10,"cmd":"update_subscription","params":{"sid":1,"action":"get_snapshot","market_tickers":["N"]}}"#, .getSnapshot,
                [1]
            ),
            (#"{"id":11,"cmd":"unsubscribe","params":{"sids":[1,2]}}"#, .unsubscribe, [1, 2]),
            (#"{"id":12,"cmd":"list_subscriptions"}"#, .list, []),
            (#"{"id":13,"cmd":"update_subscription","params":{"sids":[1],"action":"indexlist"}}"#, .other, [1]),
        ] as [(String, KalshiCommand.Verb, [Int64])])
    func updates_areRead(_ text: String, _ verb: KalshiCommand.Verb, _ sids: [Int64]) {
        #expect(command(text)?.verb == verb)
        #expect(command(text)?.sids == sids)
    }

    @Test(arguments: ["PING", "", "[]", #"{"id":"#, #"{"id":1,"params":5}"#])
    func frameThatIsNoCommand_saysNothing(_ text: String) {
        #expect(command(text + " ") == nil)
    }
}

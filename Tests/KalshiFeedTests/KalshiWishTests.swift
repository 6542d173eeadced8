import FeedSession
import Testing
import UnixTool

@testable import kalshi_feed

@Suite struct KalshiWishTests {
    @Test(
        arguments: [
            ("KXBTCD-26SEP2516-T83399.99", .ticker("KXBTCD-26SEP2516-T83399.99")), ("event:A-B", .event("A-B")),
            ("series:KXBTC15M", .series("KXBTC15M")), ("https://kalshi.com/markets/kxbtc15m", .series("KXBTC15M")),
            ("https://kalshi.com/markets/kxbtc15m/bitcoin-up", .series("KXBTC15M")),
            ("https://kalshi.com/markets/kxbtc15m/bitcoin-up/kxbtc15m-26sep251515?x=1#y", .page("KXBTC15M-26SEP251515")),
            ("kalshi.com/events/kxfed-27apr", .page("KXFED-27APR")),
        ] as [(String, KalshiWish)])
    func arguments_areRead(_ argument: String, _ wish: KalshiWish) throws {
        #expect(try KalshiWish(argument) == wish)
    }

    @Test(arguments: [
        "", "a b", "event:", "series:a b", "tag:x", "https://example.com/markets/a", "https://kalshi.com/", "A\"B", "A,B", "A&b=c",
        "https://kalshi.com/markets/a%22b",
    ])
    func whatIsNoTicker_isWrongUsage(_ argument: String) {
        #expect(throws: ToolFailure.self) { try KalshiWish(argument) }
    }

    @Test func wishes_meanMarkets_byWhatIsKnown_orByTheirTickers() {
        #expect(KalshiWish.series("A").includes(ticker: "A-B-1", event: nil, series: "A"))
        #expect(KalshiWish.series("X").includes(ticker: "A-B-1", event: nil, series: "X"))
        #expect(!KalshiWish.series("A").includes(ticker: "AB-1", event: nil, series: "AB"))
        #expect(KalshiWish.event("A-B").includes(ticker: "Z", event: "A-B", series: "Z"))
        #expect(!KalshiWish.event("A-B").includes(ticker: "A-BC-1", event: nil, series: "A"))
        #expect(KalshiWish.page("A-B").includes(ticker: "A-B-1", event: nil, series: "A"))
        #expect(KalshiWish.all.includes(ticker: "Q", event: nil, series: "Q"))
        #expect(!KalshiWish.ticker("A").includes(ticker: "A-B", event: nil, series: "A"))
    }

    // MARK: What is shown

    @Test func marketsThatWereAskedFor_areShown_whereAListingNamesThem() throws {
        let session = try Session(["--top", "2"])
        try session.open()
        try session.send(subscribe(["A"]))
        #expect(try session.receive(snapshot("A", seq: 1)).brief.count == 2)
        #expect(try session.receive(snapshot("B", seq: 2)).brief == [])
        try session.send(subscribe(["B"], id: 2))
        #expect(try session.receive(delta("B", seq: 3, "yes", "0.3000", "1.00")).brief.count == 1)
    }

    @Test func otherShards_areNotShown() throws {
        let all = ["A-1", "B-1", "C-1", "D-1", "E-1", "F-1"]
        var counts = [0, 0]
        for (index, shard) in ["1/2", "2/2"].enumerated() {
            let session = try Session(["--shard", shard])
            for (seq, ticker) in all.enumerated() {
                counts[index] += try session.receive(snapshot(ticker, seq: UInt64(seq + 1))).brief.filter { $0.hasPrefix("book") }.count
            }
        }
        #expect(counts[0] + counts[1] == all.count && counts[0] > 0 && counts[1] > 0)
    }

    @Test func lifecycleOfMarketsThatNobodyAskedFor_isNotRemembered() throws {
        let session = try Session(["series:A"])
        for number in 0..<50 {
            try session.receive(
                "{\"type\":\"market_lifecycle_v2\",\"sid\":3,\"seq\":\(number + 1),\"msg\":{\"market_ticker\":\"Z-\(number)\",\"event_type\":\"activated\"}}"
            )
        }
        #expect(session["lifecycle_of_other_markets"] == 50 && session.venue.registry.markets.isEmpty)
        let line =
            #"{"type":"market_lifecycle_v2","sid":3,"seq":51,"msg":{"market_ticker":"A-1","event_type":"activated"}}"#
        #expect(try session.receive(line).brief == ["market_status instrument=A-1 conn=1 state=open"])
    }
}

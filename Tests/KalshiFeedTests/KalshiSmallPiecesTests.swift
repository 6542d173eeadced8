import JSON
import MarketModel
import Testing

@testable import kalshi_feed

@Suite struct KalshiGateTests {
    private static func at(_ millis: Int64) -> Timestamp { Timestamp(micros: millis * 1000) }

    @Test func burst_thenTenASecond() {
        var gate = KalshiGate()
        var count = 0
        for millis in 0..<3000 { while gate.take(at: Self.at(Int64(millis))) { count += 1 } }
        #expect(count == 20 + 29)
    }

    @Test func background_leavesHalfOfTheBucket() {
        var gate = KalshiGate()
        var count = 0
        while gate.take(isUrgent: false, at: Self.at(0)) { count += 1 }
        #expect(count == 10)
        #expect(gate.nextOpening(isUrgent: false) > Self.at(0) && gate.take(at: Self.at(0)))
    }

    @Test func refusal_closesForASecondAndSome_thenSlower() {
        var gate = KalshiGate()
        _ = gate.take(at: Self.at(0))
        gate.refused(jitterMicros: 250_000, at: Self.at(0))
        let taken = [1249, 1250, 1400, 1500].map { gate.take(at: Self.at($0)) }
        #expect(taken == [false, true, false, true])
    }

    @Test func opening_isWhenAQuestionMayGo() {
        var gate = KalshiGate()
        for _ in 0..<20 { _ = gate.take(at: Self.at(0)) }
        let opening = gate.nextOpening()
        #expect(!gate.take(at: opening.advanced(byMicros: -1)) && gate.take(at: opening))
    }
}

@Suite struct KalshiTradeMemoryTests {
    private func take(_ memory: inout KalshiTradeMemory, _ id: String, _ micros: Int64 = 0) -> Bool {
        var id = id
        return id.withUTF8 { memory.take(JSONText($0), at: Timestamp(micros: micros)) }
    }

    @Test func ids_areTakenOnce() {
        var memory = KalshiTradeMemory()
        let ids = [
            "0723be0d-f459-a1b0-00f7-ff8e033dd61d", "0723be0d-f459-a1b0-00f7-ff8e033dd61e", "t-1", "t-2", "",
            "0723be0df459a1b000f7ff8e033dd61d", "0723BE0D-F459-A1B0-00F7-FF8E033DD61D",
        ]
        for id in ids { #expect(take(&memory, id)) }
        for id in ids { #expect(!take(&memory, id)) }
        #expect(memory.horizon == nil)
    }

    @Test func fullMemory_forgetsTheOldest_andKnowsSinceWhen() {
        var memory = KalshiTradeMemory()
        for number in 0..<65_540 { #expect(take(&memory, "t-\(number)", Int64(number))) }
        #expect(memory.horizon == Timestamp(micros: 3))
        #expect(take(&memory, "t-0", 70_000) && !take(&memory, "t-10"))
    }
}

@Suite struct KalshiListingTests {
    private func listing(_ text: String) throws -> KalshiListing { try KalshiListing(Array(text.utf8)) }

    @Test(arguments: [("\"\"", nil), ("null", nil), ("\"abc\"", "abc"), ("5", nil)] as [(String, String?)])
    func cursor_isAbsentInEveryWayTheVenueHas(_ text: String, _ cursor: String?) throws {
        #expect(try listing("{\"markets\":[],\"cursor\":\(text)}").cursor == cursor)
        #expect(try listing("{\"markets\":[]}").cursor == nil)
    }

    @Test func marketsWithTickersThatCannotBeSpelled_areCountedAlone() throws {
        let found = try listing(
            #"{"markets":[{"ticker":"A-1","status":"active","volume_24h_fp":"12.50","title":"Will It Rain","event_ticker":"A"},{"ticker":"a\"b"},{},7]}"#
        )
        #expect(found.markets.map(\.ticker) == ["A-1"] && found.faultCount == 2)
        #expect(found.markets[0].volume24h == 12_500_000 && found.markets[0].words.contains("will it rain"))
    }

    @Test(arguments: ["", "<html>", "[]", "null", "{\"markets\":["])
    func whatIsNoListing_isAnError(_ text: String) {
        #expect(throws: JSONError.self) { try listing(text) }
    }
}

@Suite struct KalshiExchangeStatusTests {
    @Test(arguments: [
        (#"{"exchange_active":true,"trading_active":true}"#, "the exchange is open and trading"),
        (#"{"exchange_active":true,"trading_active":false}"#, "the exchange is open and trading pauses"),
        (
            #"{"exchange_active":false,"trading_active":false,"exchange_estimated_resume_time":"2026-01-01T00:00:00Z"}"#,
            "the exchange is closed, expected back at 2026-01-01T00:00:00Z; the session waits for what comes"
        ),
    ])
    func words_sayHowItStands(_ body: String, _ words: String) {
        #expect(KalshiExchangeStatus(Array(body.utf8))?.words == words)
    }

    @Test(arguments: ["", "<html>", "[]", "{}", #"{"exchange_active":"yes"}"#])
    func whatIsNoStatus_isNone(_ body: String) {
        #expect(KalshiExchangeStatus(Array(body.utf8)) == nil)
    }
}

@Suite struct KalshiLiveConfigurationTests {
    private func configuration(_ arguments: [String]) throws -> KalshiConfiguration { try Session(arguments).configuration }

    @Test func demo_hasAddressesOfItsOwn() throws {
        let demo = try configuration(["--demo"]).session
        #expect("\(demo.address)" == "wss://external-api-ws.demo.kalshi.co/trade-api/ws/v2")
        #expect(demo.questions.base == "https://external-api.demo.kalshi.co/trade-api/v2")
        let production = try configuration([]).session
        #expect("\(production.address)" == "wss://external-api-ws.kalshi.com/trade-api/ws/v2")
        #expect(production.questions.base == "https://external-api.kalshi.com/trade-api/v2")
    }

    @Test func ownAddresses_win_andASlashAtTheEndIsTakenOff() throws {
        let own = try configuration(["--demo", "--ws-url", "ws://localhost:1/x", "--rest-url", "http://localhost:2/v2/"]).session
        #expect("\(own.address)" == "ws://localhost:1/x" && own.questions.base == "http://localhost:2/v2")
    }

    @Test(arguments: [
        ["--ws-url", "https://x"], ["--rest-url", "x"], ["--rest-url", "https://x/?y"], ["--top", "0"], ["--shard", "3/2"],
        ["--markets-per-socket", "0"],
    ])
    func wrongValues_areRefused(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try configuration(arguments) }
    }

    @Test func channels_followTheOptions() throws {
        #expect(try LiveSession(["A-1"]).adapter.channels == [.book, .trade, .lifecycle])
        #expect(try LiveSession(["A-1", "--trades-only"]).adapter.channels == [.trade, .lifecycle])
        #expect(
            try LiveSession(["A-1", "--user", "--channels", "ticker"]).adapter.channels == [
                .ticker, .lifecycle, .fill, .userOrders, .marketPositions,
            ])
        #expect(try LiveSession(["--user"]).adapter.channels.contains(.lifecycle) == false)
    }
}

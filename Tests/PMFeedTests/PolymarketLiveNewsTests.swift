import TestSupport
import Testing
import UnixTool

@testable import FeedSession
@testable import pm_feed

/// What a live session makes of news: markets that come and go, and lists that are read again.
@Suite struct PolymarketLiveNewsTests {
    private let second: Int64 = 1_000_000
    private let folder = TemporaryFolder()

    // MARK: News

    private func announcement(_ number: Int) -> String {
        #"{"id":"\#(number)","question":"Q","market":"0xnew\#(number)","slug":"s\#(number)","clob_token_ids":["\#(number)1","\#(number)2"],"outcomes":["Yes","No"],"timestamp":"5","active":true,"event_type":"new_market"}"#
    }

    @Test func all_subscribesNewMarketsAtOnce_onceEach() throws {
        let driver = try LiveDriver.started(["--all"])
        #expect(driver.dialling.count == 1)
        try driver.answer(try driver.question("/markets/keyset?closed=false"), #"{"markets":[]}"#)
        try driver.accept()
        #expect(driver.frames(1)[0].hasPrefix(#"{"assets_ids":[],"type":"market""#) && driver.failure == nil)
        for _ in 0..<10 { try driver.receive(announcement(7), 1) }
        try driver.run(micros: second)
        #expect(driver.frames(1).dropFirst().map(PolymarketSocketPlanTests.tokens) == [["71", "72"]])
    }

    @Test func withoutAll_newMarketsAreToldOnly() throws {
        let driver = try LiveDriver.live(0..<1)
        try driver.receive(announcement(7), 1)
        try driver.run(micros: second)
        #expect(driver.frames(1).count == 1)
    }

    @Test func all_keepsAConnectionForNews_whenEveryMarketThatItHadIsOver() throws {
        let driver = try LiveDriver.started(["--all"])
        try driver.answer(
            try driver.question("/markets/keyset?closed=false"),
            #"{"markets":[\#(RESTBench.market("0xm0", tokens: [LiveDriver.wire(0).asset]))]}"#)
        try driver.accept()
        try driver.receive(LiveDriver.wire(0).frame(venueMillis), 1)
        try driver.close(1, code: 1000, "all subscribed assets resolved")
        try driver.answer(
            try driver.question("/markets/0xm0"),
            #"{"condition_id":"0xm0","closed":true,"tokens":[{"token_id":"\#(LiveDriver.wire(0).asset)","winner":true}]}"#)
        try driver.run(micros: 2 * second)
        #expect(driver.control.finishReason == nil && driver.dialling.count == 1)
        try driver.accept()
        try driver.receive(announcement(8), 2)
        try driver.run(micros: second)
        #expect(driver.frames(2).map(PolymarketSocketPlanTests.tokens) == [[], ["81", "82"]])
    }

    // MARK: SIGHUP

    @Test func listRead_again_addsAndDropsLive() throws {
        let path = folder.write("markets", "\(LiveDriver.wire(0).asset)\n\(LiveDriver.wire(1).asset) # two\n")
        let driver = try LiveDriver.started(["--markets-file", path])
        try driver.accept()
        try driver.receive("[\(LiveDriver.wire(0).frame(venueMillis)),\(LiveDriver.wire(1).frame(venueMillis))]", 1)
        folder.write("markets", "\(LiveDriver.wire(1).asset)\n\(LiveDriver.wire(2).asset)\n")
        try driver.reload()
        try driver.run(micros: second)
        #expect(
            driver.frames(1).dropFirst().map { PolymarketSocketPlanTests.tokens($0) } == [
                [LiveDriver.wire(0).asset], [LiveDriver.wire(2).asset],
            ])
        #expect(driver.paper.knownBook(LiveDriver.wire(0).asset) == nil && driver.paper.knownBook(LiveDriver.wire(1).asset) != nil)
        #expect(driver.ends.isEmpty)
    }

    @Test func tokenOfTwoWishes_staysUntilBothAreDropped() throws {
        let path = folder.write("markets", "one\nevent:e\n")
        let driver = try LiveDriver.started(["--markets-file", path])
        let market = RESTBench.market("0xc", tokens: ["11", "12"])
        try driver.answer(try driver.question("/markets?slug=one"), "[\(market)]")
        try driver.answer(try driver.question("/events?slug=e"), #"[{"slug":"e","markets":[\#(market)]}]"#)
        try driver.accept()
        folder.write("markets", "event:e")
        try driver.reload()
        try driver.run(micros: second)
        #expect(driver.frames(1).count == 1)
    }

    @Test func listThatCannotBeRead_leavesEverythingAsItIs() throws {
        let path = folder.write("markets", LiveDriver.wire(0).asset)
        let driver = try LiveDriver.started(["--markets-file", path])
        try driver.accept()
        for text in ["two words", "a&b", LiveDriver.wire(1).asset + "\n\u{0}"] {
            folder.write("markets", text)
            try driver.reload()
        }
        try driver.run(micros: second)
        #expect(driver.frames(1).count == 1 && driver.failure == nil)
        #expect(driver.log.messages.filter { $0.contains("stay as they are") }.count == 3)
    }

    @Test func emptyList_isMisuseAtTheStart_andAPauseLater() throws {
        let path = folder.write("markets", "# nothing\n")
        #expect(try LiveDriver.started(["--markets-file", path]).failure?.status == .noInput)
        folder.write("markets", LiveDriver.wire(0).asset)
        let driver = try LiveDriver.started(["--markets-file", path])
        try driver.accept()
        folder.write("markets", "")
        try driver.reload()
        try driver.run(micros: 5 * second)
        #expect(driver.control.finishReason == nil && driver.failure == nil && driver.open.isEmpty)
        folder.write("markets", LiveDriver.wire(1).asset)
        try driver.reload()
        try driver.run(micros: second)
        #expect(driver.dialling.count == 1)
    }
}

import Testing
import UnixTool

@testable import FeedSession
@testable import pm_feed

/// The live session as a whole, in virtual time: what it asks for, of whom and when.
@Suite struct PolymarketLiveTests {
    private let second: Int64 = 1_000_000

    // MARK: Tokens need no directory

    @Test func token_isSubscribedAtOnce_andItsLabelComesWhenGammaAnswers() throws {
        let driver = try LiveDriver.started([LiveDriver.wire(0).asset])
        #expect(driver.dialling.map(\.conn) == [1])
        try driver.accept()
        #expect(driver.frames(1).count == 1 && driver.frames(1)[0].contains(LiveDriver.wire(0).asset))
        try driver.receive(LiveDriver.wire(0).frame(venueMillis), 1)
        #expect(driver.paper.knownBook(LiveDriver.wire(0).asset) != nil)
        let question = try driver.question("clob_token_ids=\(LiveDriver.wire(0).asset)")
        try driver.answer(question, "[\(RESTBench.market("0xm0", tokens: [LiveDriver.wire(0).asset], slug: "rain"))]")
        #expect(driver.lines.last { $0.contains("\"type\":\"instrument\"") }?.contains("rain/Yes") == true)
        #expect(driver.idleTurns == 0)
    }

    @Test func gammaAway_isSaidOnce_andTheStreamGoesOn() throws {
        let driver = try LiveDriver.started([LiveDriver.wire(0).asset])
        try driver.accept()
        try driver.receive(LiveDriver.wire(0).frame(venueMillis), 1)
        for _ in 0..<4 {
            try driver.fail(try driver.question("clob_token_ids"))
            for _ in 0..<200 where !driver.questions.contains(where: { $0.url.contains("clob_token_ids") }) {
                try driver.run(micros: second / 2)
                for question in driver.bookQuestions { try driver.answer(question, "[\(LiveDriver.wire(0).rest(venueMillis))]") }
            }
        }
        #expect(driver.log.messages.filter { $0.contains("Gamma is away") }.count == 1)
        #expect(driver.failure == nil && driver.paper.knownBook(LiveDriver.wire(0).asset) != nil)
    }

    // MARK: The directory

    @Test func slug_isResolvedThenSubscribed_bothTokens() throws {
        let driver = try LiveDriver.started(["rain-in-zembla"])
        #expect(driver.dialling.isEmpty)
        try driver.answer(try driver.question("/markets?slug=rain-in-zembla"), "[\(RESTBench.market("0xc", tokens: ["11", "12"]))]")
        try driver.accept()
        #expect(PolymarketSocketPlanTests.tokens(driver.frames(1)[0]) == ["11", "12"])
    }

    @Test func slugThatIsNothing_endsTheRun_withWhatToDo() throws {
        let driver = try LiveDriver.started(["rain-in-zembla"])
        try driver.answer(try driver.question("/markets?slug"), "[]")
        try driver.answer(try driver.question("/events?slug"), "[]")
        #expect(driver.failure?.status == .noInput)
        #expect(driver.failure?.message.contains("rain-in-zembla") == true && driver.failure?.message.contains("--list") == true)
    }

    @Test func oneSlugOfTwo_isEnoughToGoOn_theOtherIsTold() throws {
        let driver = try LiveDriver.started(["one", "two"])
        try driver.answer(try driver.question("slug=one"), "[\(RESTBench.market("0xc", tokens: ["11"]))]")
        try driver.answer(try driver.question("/markets?slug=two"), "[]")
        try driver.answer(try driver.question("/events?slug=two"), "[]")
        #expect(driver.failure == nil && driver.log.messages.contains { $0.contains("no open market answers to two") })
    }

    @Test func closedMarketsAndThoseWithoutABook_areNotSubscribed() throws {
        let driver = try LiveDriver.started(["event:e"])
        let markets = [
            RESTBench.market("0xa", tokens: ["1"], closed: true), RESTBench.market("0xb", tokens: ["2"], hasBook: false),
            RESTBench.market("0xc", tokens: ["3"]),
        ]
        try driver.answer(try driver.question("/events?slug=e"), #"[{"slug":"e","markets":[\#(markets.joined(separator: ","))]}]"#)
        try driver.accept()
        #expect(PolymarketSocketPlanTests.tokens(driver.frames(1)[0]) == ["3"])
    }

    @Test func marketsThatCannotBeRead_areTold() throws {
        let driver = try LiveDriver.started(["event:e"])
        let markets = [RESTBench.market("0xa", tokens: ["x"]), RESTBench.market("0xc", tokens: ["3"])]
        try driver.answer(try driver.question("/events?slug=e"), #"[{"slug":"e","markets":[\#(markets.joined(separator: ","))]}]"#)
        #expect(driver.log.messages.contains { $0.hasPrefix("warning") && $0.contains("cannot be read") && $0.contains("event:e") })
    }

    @Test func noNetworkForTheDirectory_endsTheRunAfterTenSeconds_with69() throws {
        let driver = try LiveDriver.started(["rain-in-zembla"])
        for _ in 0..<100 where driver.failure == nil {
            if let question = driver.questions.first { try driver.fail(question) }
            try driver.run(micros: second / 4)
        }
        #expect(driver.failure?.status == .unavailable && driver.failure?.message.contains("make demo") == true)
        #expect((10 * second...14 * second).contains(driver.now - Session.start))
    }

    @Test func shard_takesItsPartOnly_andTheTwoPartsAreAll() throws {
        let markets = (0..<20).map { RESTBench.market("0x\($0)", tokens: ["\(100 + 2 * $0)", "\(101 + 2 * $0)"]) }
        var seen: [String] = []
        for shard in ["1/2", "2/2"] {
            let driver = try LiveDriver.started(["event:e", "--shard", shard])
            try driver.answer(try driver.question("/events?slug=e"), #"[{"slug":"e","markets":[\#(markets.joined(separator: ","))]}]"#)
            try driver.accept()
            seen += driver.frames(1).flatMap(PolymarketSocketPlanTests.tokens)
        }
        #expect(seen.count == 40 && Set(seen).count == 40)
    }

    // MARK: Many tokens

    @Test func aThousandTokens_areThreeSockets_openedOneASecond_inPieces() throws {
        let driver = try LiveDriver.started(["event:e"])
        let markets = (0..<500).map { RESTBench.market("0x\($0)", tokens: ["\(1000 + 2 * $0)", "\(1001 + 2 * $0)"]) }
        try driver.answer(try driver.question("/events?slug=e"), #"[{"slug":"e","markets":[\#(markets.joined(separator: ","))]}]"#)
        try driver.run(micros: 5 * second)
        #expect(driver.dialling.map { $0.time - driver.dialling[0].time } == [0, second, 2 * second])
        for _ in 0..<3 { try driver.accept() }
        try driver.run(micros: 2 * second)
        let counts = (1...3).map { conn in driver.frames(Int64(conn)).map { PolymarketSocketPlanTests.tokens($0).count } }
        #expect(counts == [[100, 100, 100, 100], [100, 100, 100, 100], [100, 100]])
        #expect(Set(driver.sent.flatMap { PolymarketSocketPlanTests.tokens($0.text) }).count == 1000)
    }

    /// More repairs are due than questions may be on their way: the loop waits for answers, and does not spin.
    @Test func manyMissingBooks_whileRESTIsSlow_doNotSpinTheLoop() throws {
        let driver = try LiveDriver.started(["event:e"])
        let markets = (0..<400).map { RESTBench.market("0x\($0)", tokens: ["\(1000 + 2 * $0)", "\(1001 + 2 * $0)"]) }
        try driver.answer(try driver.question("/events?slug=e"), #"[{"slug":"e","markets":[\#(markets.joined(separator: ","))]}]"#)
        try driver.run(micros: 2 * second)
        while !driver.dialling.isEmpty { try driver.accept() }
        try driver.run(micros: 15 * second)
        #expect(driver.bookQuestions.count == 4 && driver.idleTurns == 0)
    }
}

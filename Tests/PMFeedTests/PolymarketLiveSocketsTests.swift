import Testing

@testable import FeedSession
@testable import pm_feed

/// Sockets that end or are renewed in a live session, in virtual time.
@Suite struct PolymarketLiveSocketsTests {
    private let second: Int64 = 1_000_000

    // MARK: The end of a socket

    @Test func retryAfterOfARefusedUpgrade_isHonouredAndTold() throws {
        let driver = try LiveDriver.live(0..<1)
        try driver.end(1, SocketTrouble(.busy, "HTTP 429", retryAfterMicros: 40 * second))
        try driver.run(micros: 39 * second)
        #expect(driver.dialling.isEmpty)
        try driver.run(micros: 2 * second)
        #expect(driver.dialling.count == 1)
        let told = try driver.news().first { $0.contains("disconnected") }
        let retry = try #require(told?.firstRange(of: "retry_in_us=").flatMap { Int64(told![$0.upperBound...].prefix { $0.isNumber }) })
        #expect((40 * second...40 * second + 250_000).contains(retry))
    }

    @Test func close1008_isNotHammered() throws {
        let driver = try LiveDriver.live(0..<1)
        try driver.close(1, code: 1008, "invalid subscription payload")
        try driver.run(micros: 29_900_000)
        #expect(driver.dialling.isEmpty)
        try driver.run(micros: second)
        #expect(driver.dialling.count == 1)
    }

    @Test func close1013_halvesWhatTheSocketCarries() throws {
        let driver = try LiveDriver.started(["event:e"])
        let markets = (0..<50).map { RESTBench.market("0x\($0)", tokens: ["\(1000 + 2 * $0)", "\(1001 + 2 * $0)"]) }
        try driver.answer(try driver.question("/events?slug=e"), #"[{"slug":"e","markets":[\#(markets.joined(separator: ","))]}]"#)
        try driver.accept()
        try driver.close(1, code: 1013, "slow consumer: send buffer full")
        try driver.run(micros: 4 * second)
        while !driver.dialling.isEmpty { try driver.accept() }
        let carried = [2, 3].map { PolymarketSocketPlanTests.tokens(driver.frames($0).first ?? "") }
        #expect(carried.map(\.count) == [50, 50] && Set(carried.joined()).count == 100)
    }

    @Test func close1000AllResolved_doesNotAskAgain_andTheRunEndsWhenRESTAgrees() throws {
        let driver = try LiveDriver.live(0..<2)
        try driver.close(1, code: 1000, "all subscribed assets resolved")
        try driver.run(micros: second)
        #expect(driver.dialling.isEmpty && driver.control.finishReason == nil)
        let tokens = (0..<2).map { #"{"token_id":"\#(LiveDriver.wire($0).asset)","winner":\#($0 == 0)}"# }.joined(separator: ",")
        try driver.answer(try driver.question("/markets/0xm0"), #"{"condition_id":"0xm0","closed":true,"tokens":[\#(tokens)]}"#)
        #expect(driver.control.finishReason?.contains("resolved") == true && driver.failure == nil)
        #expect(try driver.news().filter { $0.hasPrefix("resolution") }.count == 2)
    }

    @Test func close1000AllResolved_whereTheMarketIsOpen_bringsTheTokensBack_withoutAStorm() throws {
        let driver = try LiveDriver.live(0..<2)
        let tokens = (0..<2).map { #"{"token_id":"\#(LiveDriver.wire($0).asset)","winner":false}"# }.joined(separator: ",")
        let open = #"{"condition_id":"0xm0","closed":false,"tokens":[\#(tokens)]}"#
        try driver.close(1, code: 1000, "all subscribed assets resolved")
        let start = driver.now
        while driver.now - start < 180 * second {
            for question in driver.questions where question.url.contains("/markets/0xm0") { try driver.answer(question, open) }
            if !driver.dialling.isEmpty {
                let conn = try driver.accept()
                try driver.run(micros: second / 2)
                try driver.close(conn, code: 1000, "all subscribed assets resolved")
            }
            try driver.run(micros: second / 4)
        }
        // REST lags by minutes: the venue sees us about twice a minute, not every second.
        #expect((3...10).contains(driver.ends.count), "\(driver.ends.count)")
    }

    // MARK: Renewing

    @Test func renewal_hasNoHole_alsoWhereTheSubscriptionGoesOutInPieces() throws {
        let driver = try LiveDriver.started(["event:e", "--verify", "off"], rotate: 20 * second)
        let books = (0..<150).map { WireBook(market: "0x\($0)", asset: "\(1000 + $0)") }
        let markets = books.map { RESTBench.market($0.market, tokens: [$0.asset]) }
        driver.onSent = { [unowned driver] frame in
            let asked = PolymarketSocketPlanTests.tokens(frame.text)
            let dump = books.filter { asked.contains($0.asset) }.map { $0.frame(venueMillis) }
            if !dump.isEmpty { try driver.receive("[\(dump.joined(separator: ","))]", frame.conn) }
        }
        try driver.answer(try driver.question("/events?slug=e"), #"[{"slug":"e","markets":[\#(markets.joined(separator: ","))]}]"#)
        try driver.accept()
        try driver.run(micros: 3 * second)
        func knownCount() -> Int { driver.paper.books.split(separator: "\n").count }
        #expect(knownCount() == 150)
        for _ in 0..<60 where driver.dialling.isEmpty {
            for question in driver.bookQuestions {
                try driver.answer(question, "[\(books.map { $0.rest(venueMillis) }.joined(separator: ","))]")
            }
            try driver.run(micros: second / 2)
        }
        try driver.accept()
        for _ in 0..<200 where driver.ends.isEmpty {
            try driver.run(micros: second / 50)
            #expect(knownCount() == 150)
        }
        #expect(driver.ends.map(\.trouble.words) == ["renewed"] && knownCount() == 150)
    }
}

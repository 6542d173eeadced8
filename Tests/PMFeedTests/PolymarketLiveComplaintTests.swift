import TestSupport
import Testing

@testable import FeedSession
@testable import pm_feed

/// What users of other clients complain about (dossier §6), as far as it takes a live session in virtual time to show it.
///
/// What a replay shows is in `PolymarketComplaintTests`, what takes real sockets in `Tests/Programs/pm_live_test.py`.
@Suite struct PolymarketLiveComplaintTests {
    private let second: Int64 = 1_000_000
    private let folder = TemporaryFolder()

    @Test func complaint1_frozenSocketWithHealthyPongs_isReplaced() throws {
        let driver = try LiveDriver.live(0..<2)
        var moved = LiveDriver.wire(0)
        moved.set("BUY", "0.41", "1")
        let frozen = driver.now
        driver.onSent = { [unowned driver] frame in if frame.text == "PING" { try driver.receive("PONG", frame.conn) } }
        for _ in 0..<400 where driver.ends.isEmpty {
            for question in driver.bookQuestions {
                try driver.answer(question, "[\(moved.rest(venueMillis + 500)),\(LiveDriver.wire(1).rest(venueMillis))]")
            }
            try driver.run(micros: second / 10)
        }
        #expect(driver.now - frozen < 30 * second && driver.ends.map(\.trouble.words) == ["silent, so it is replaced"])
        #expect(try driver.news().contains { $0.contains("state=\"stale\" reason=\"silent while REST has moved on\"") })
        #expect(driver.paper.books.isEmpty)
        try driver.run(micros: 2 * second)
        try driver.accept()
        try driver.receive("[\(moved.frame(venueMillis + 500)),\(LiveDriver.wire(1).frame(venueMillis))]", 2)
        #expect(driver.paper.knownBook(moved.asset)?.bids.levels.count == 4)
    }

    @Test func complaint2_tokenThatIsNeverSpokenOf_isMovedToAnotherSocket() throws {
        let driver = try LiveDriver.live(0..<2)
        var (silent, busy) = (LiveDriver.wire(0), LiveDriver.wire(1))
        silent.set("BUY", "0.41", "1")
        let start = driver.now
        var millis = venueMillis
        while driver.dialling.isEmpty, driver.now - start < 120 * second {
            millis += 500
            try driver.receive(busy.change("BUY", "0.42", "\(millis % 1000 + 1)", millis), 1)
            for question in driver.bookQuestions { try driver.answer(question, "[\(silent.rest(venueMillis + 7)),\(busy.rest(millis))]") }
            try driver.run(micros: second / 2)
        }
        #expect(driver.dialling.map(\.conn) == [2] && driver.ends.isEmpty)
        #expect(driver.paper.knownBook(silent.asset) == nil && driver.paper.knownBook(busy.asset) != nil)
        #expect(try driver.news().filter { $0.contains("state=\"gap\"") }.count == 1)
        #expect(driver.frames(1).contains(#"{"operation":"unsubscribe","assets_ids":["\#(silent.asset)"]}"#))
        try driver.accept()
        try driver.receive(silent.frame(venueMillis + 7), 2)
        #expect(driver.paper.knownBook(silent.asset) != nil)
    }

    @Test func complaint3_tokenWithoutAFirstEvent_isAskedForAfterFiveSeconds_andSeeded() throws {
        let driver = try LiveDriver.started([LiveDriver.wire(0).asset, LiveDriver.wire(2).asset])
        try driver.accept()
        try driver.receive(LiveDriver.wire(0).frame(venueMillis), 1)
        try driver.run(micros: 4_990_000)
        #expect(driver.bookQuestions.isEmpty)
        try driver.run(micros: 20_000)
        let question = try #require(driver.bookQuestions.first)
        #expect(question.body == #"[{"token_id":"\#(LiveDriver.wire(2).asset)"}]"# && question.path == "/books")
        try driver.answer(question, "[\(LiveDriver.wire(2).rest(venueMillis))]")
        #expect(driver.paper.knownBook(LiveDriver.wire(2).asset) != nil)
        #expect(driver.lines.last.map { $0.contains("\"state\":\"live\"") } == true)
    }

    @Test func complaint5_serverThatAcceptsAndResets_isTriedMoreAndMoreRarely() throws {
        let driver = try LiveDriver.started([LiveDriver.wire(0).asset])
        let start = driver.now
        while driver.now - start < 600 * second {
            if !driver.dialling.isEmpty {
                let conn = try driver.accept()
                try driver.receive(LiveDriver.wire(0).frame(venueMillis), conn)
                try driver.run(micros: second)
                try driver.end(conn, SocketTrouble(.lost, "reset"))
            }
            try driver.run(micros: second / 4)
        }
        #expect((30...75).contains(driver.ends.count), "\(driver.ends.count) sockets in ten minutes")
    }

    @Test func complaint6_everythingThatIsWanted_isAskedForAgainAfterAReconnect() throws {
        let path = folder.write("markets", LiveDriver.wire(0).asset)
        let driver = try LiveDriver.started(["--markets-file", path])
        try driver.accept()
        folder.write("markets", (0..<3).map { LiveDriver.wire($0).asset }.joined(separator: "\n"))
        try driver.reload()
        try driver.run(micros: second)
        #expect(driver.frames(1).count == 2 && driver.frames(1)[1].contains("\"operation\":\"subscribe\""))
        try driver.end(1, SocketTrouble(.lost, "reset"))
        try driver.run(micros: 2 * second)
        try driver.accept()
        #expect(
            driver.frames(2) == [
                #"{"assets_ids":[\#((0..<3).map { "\"\(LiveDriver.wire($0).asset)\"" }.joined(separator: ","))],"type":"market","initial_dump":true,"level":2,"custom_feature_enabled":true}"#
            ])
    }

    @Test func complaint7_subscriptionComesFirst_once_andPINGBehindIt() throws {
        let driver = try LiveDriver.started((0..<150).map { LiveDriver.wire($0).asset })
        try driver.accept()
        driver.onSent = { [unowned driver] frame in if frame.text == "PING" { try driver.receive("PONG", frame.conn) } }
        try driver.run(micros: 25 * second)
        let frames = driver.frames(1)
        #expect(frames.filter { $0.contains("\"type\":\"market\"") }.count == 1 && frames[line: 0].contains("\"type\":\"market\""))
        #expect(frames.filter { $0 == "PING" }.count == 2 && frames.firstIndex(of: "PING") == 2)
    }

    @Test func complaint12_lostBook_isAskedForAtOnce_andHealedByREST_withoutAnotherSocket() throws {
        let driver = try LiveDriver.live(0..<2)
        var venue = LiveDriver.wire(0)
        try driver.receive(venue.message([#"{"asset_id":"\#(venue.asset)"}"#], venueMillis + 1), 1)
        #expect(driver.paper.knownBook(venue.asset) == nil)
        let question = try driver.question("/books")
        let answer = venue.rest(venueMillis + 2)
        try driver.receive(venue.change("BUY", "0.41", "4", venueMillis + 3, hash: ""), 1)
        try driver.answer(question, "[\(answer)]")
        #expect(driver.paper.knownBook(venue.asset)?.bids.levels.count == 4)
        #expect(try driver.news().suffix(1) == ["feed_status state=\"live\" instruments=[\"\(venue.asset)\"]"])
        #expect(driver.frames(1).count == 1 && driver.ends.isEmpty)
    }

    @Test func complaint13_marketResolved_isConfirmedByREST_andTheTokensAreLeft() throws {
        let driver = try LiveDriver.live(0..<4)
        let frame =
            #"{"event_type":"market_resolved","id":"7","market":"0xm0","assets_ids":["\#(LiveDriver.wire(0).asset)","\#(LiveDriver.wire(1).asset)"],"winning_asset_id":"\#(LiveDriver.wire(0).asset)","timestamp":"5"}"#
        try driver.receive(frame, 1)
        try driver.run(micros: 6 * second)
        let tokens = (0..<2).map { #"{"token_id":"\#(LiveDriver.wire($0).asset)","winner":\#($0 == 0)}"# }.joined(separator: ",")
        try driver.answer(try driver.question("/markets/0xm0"), #"{"condition_id":"0xm0","closed":true,"tokens":[\#(tokens)]}"#)
        try driver.run(micros: second)
        #expect(try driver.news().filter { $0.contains("confirmed by REST") }.count == 2)
        #expect(
            driver.frames(1).last
                == #"{"operation":"unsubscribe","assets_ids":["\#(LiveDriver.wire(0).asset)","\#(LiveDriver.wire(1).asset)"]}"#)
        #expect(driver.paper.knownBook(LiveDriver.wire(2).asset) != nil && driver.ends.isEmpty)
    }
}

import TestSupport
import Testing

@testable import FeedSession
@testable import pm_feed

/// Books that are missing, lost or silent in a live session, in virtual time.
@Suite struct PolymarketLiveBooksTests {
    private let second: Int64 = 1_000_000
    private let folder = TemporaryFolder()

    // MARK: Missing books

    @Test func tokenDroppedWhileItsBookIsMissing_isNotAskedForForEver() throws {
        let path = folder.write("markets", "\(LiveDriver.wire(0).asset)\n\(LiveDriver.wire(1).asset)\n")
        let driver = try LiveDriver.started(["--markets-file", path])
        try driver.accept()
        try driver.receive(LiveDriver.wire(0).frame(venueMillis), 1)
        try driver.run(micros: second)
        folder.write("markets", "\(LiveDriver.wire(0).asset)\n")
        try driver.reload()
        try driver.run(micros: second)
        #expect(driver.frames(1).last == #"{"operation":"unsubscribe","assets_ids":["\#(LiveDriver.wire(1).asset)"]}"#)
        try driver.run(micros: 30 * second)
        #expect(!driver.asked.contains { $0.body.contains(LiveDriver.wire(1).asset) })
    }

    @Test func bookThatRESTCannotMend_movesToAFreshSocket() throws {
        let driver = try LiveDriver.live(0..<2)
        // A change that cannot be read: the book is lost, and REST shows a ghost whose hash is not its own.
        try driver.receive(LiveDriver.wire(0).message([#"{"asset_id":"\#(LiveDriver.wire(0).asset)"}"#], venueMillis + 1), 1)
        var ghost = LiveDriver.wire(0)
        ghost.bids = [("0.01", "5")]
        let wrong = ghost.rest(venueMillis + 2, hash: String(repeating: "0", count: 40))
        for _ in 0..<200 where driver.dialling.isEmpty {
            for question in driver.bookQuestions { try driver.answer(question, "[\(wrong)]") }
            try driver.run(micros: second / 10)
        }
        #expect(driver.dialling.map(\.conn) == [2])
        #expect(driver.frames(1).last == #"{"operation":"unsubscribe","assets_ids":["\#(LiveDriver.wire(0).asset)"]}"#)
        try driver.accept()
        #expect(PolymarketSocketPlanTests.tokens(driver.frames(2)[0]) == [LiveDriver.wire(0).asset])
        try driver.receive(LiveDriver.wire(0).frame(venueMillis + 3), 2)
        #expect(driver.paper.knownBook(LiveDriver.wire(0).asset) != nil && driver.paper.knownBook(LiveDriver.wire(1).asset) != nil)
    }

    /// Sockets are away and REST is not: what is tried again is the socket, with its growing waits, and no new one beside it.
    @Test func venueWithoutSockets_isNotStormedBecauseRESTAnswers() throws {
        let driver = try LiveDriver.live(0..<2)
        try driver.receive(LiveDriver.wire(0).message([#"{"asset_id":"\#(LiveDriver.wire(0).asset)"}"#], venueMillis + 1), 1)
        try driver.end(1, SocketTrouble(.lost, "reset"))
        for _ in 0..<(4 * 300) {
            for question in driver.bookQuestions { try driver.answer(question, "[\(LiveDriver.wire(0).rest(venueMillis + 2))]") }
            for socket in driver.dialling { try driver.end(socket.conn, SocketTrouble(.network, "refused")) }
            try driver.run(micros: second / 4)
        }
        // Five minutes: some eight short waits, then one in 15 s on the average.
        #expect(driver.ends.count < 45 && Set(driver.ends.map(\.slot)).count == 1, "\(driver.ends.count)")
        #expect(driver.paper.books.isEmpty)
    }

    // MARK: Silence

    @Test func quietMarkets_areLeftAlone_forHours() throws {
        let driver = try LiveDriver.live(0..<2)
        driver.onSent = { [unowned driver] frame in if frame.text == "PING" { try driver.receive("PONG", frame.conn) } }
        for _ in 0..<3600 {
            for question in driver.bookQuestions {
                try driver.answer(question, "[\(LiveDriver.wire(0).rest(venueMillis)),\(LiveDriver.wire(1).rest(venueMillis))]")
            }
            try driver.run(micros: second)
        }
        #expect(driver.ends.isEmpty && driver.paper.knownBook(LiveDriver.wire(0).asset) != nil)
        #expect(try driver.news().allSatisfy { !$0.contains("stale") && !$0.contains("gap") })
        // A question for the socket each quarter of a minute: the venue allows 500 in ten seconds.
        #expect((120...400).contains(driver.asked.count) && driver.idleTurns == 0)
    }

    @Test func silentSocket_whileRESTIsAwayToo_isStaleAfterHalfAMinute() throws {
        let driver = try LiveDriver.live(0..<1)
        for _ in 0..<80 where driver.ends.isEmpty {
            for question in driver.bookQuestions { try driver.fail(question) }
            try driver.run(micros: second / 2)
        }
        #expect(driver.ends.count == 1 && (29 * second...31 * second).contains(driver.now - Session.start))
    }
}

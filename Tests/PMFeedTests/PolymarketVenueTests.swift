import MarketModel
import Testing

@testable import pm_feed

@Suite struct PolymarketVenueTests {
    private func subscribe(_ tokens: [String]) -> String {
        #"{"assets_ids":[\#(tokens.map { "\"\($0)\"" }.joined(separator: ","))],"type":"market","initial_dump":true,"level":2,"custom_feature_enabled":true}"#
    }

    // MARK: live

    @Test func live_comesWithTheLastSubscribedBook() throws {
        let session = try Session()
        try session.open()
        let books = (0..<3).map { WireBook.other($0) }
        try session.send("PING")
        try session.send(subscribe(books.map(\.asset)))
        for book in books.prefix(2) { #expect(try session.receive(book.frame(venueMillis)).brief.count == 1) }
        #expect(try session.receive(books[2].frame(venueMillis)).brief.last == "feed_status state=\"live\"")
        #expect(try session.receive(books[2].frame(venueMillis)).brief.count == 1)
    }

    @Test func live_comesAfterTenSeconds_withTheCountOfBooks() throws {
        let session = try Session()
        try session.open()
        let books = (0..<5).map { WireBook.other($0) }
        try session.send(subscribe(books.map(\.asset)))
        for book in books.prefix(3) { try session.receive(book.frame(venueMillis)) }
        // Opened at 1 ms; the last thing came at 5 ms.
        #expect(try session.wait(micros: 9_995_999).isEmpty)
        let line = try session.wait(micros: 1)
        #expect(line.brief == ["feed_status state=\"live\" reason=\"books 3 of 5\""])
        #expect(line[line: 0].member("recv_us") == "1790000010001000")
        #expect(try session.receive(books[3].frame(venueMillis)).brief.count == 1)
    }

    @Test func live_withoutABook_comesAfterTenSecondsToo() throws {
        let session = try Session()
        try session.open()
        try session.send(subscribe([]))
        #expect(try session.receive("[]\n").isEmpty)
        #expect(try session.wait(micros: 10_000_000).brief == ["feed_status state=\"live\" reason=\"books 0 of 0\""])
    }

    @Test func tokensAddedAndDropped_areCounted() throws {
        let session = try Session()
        try session.open()
        let books = (0..<3).map { WireBook.other($0) }
        try session.send(subscribe([books[0].asset, books[1].asset]))
        try session.send(#"{"operation":"subscribe","assets_ids":["\#(books[2].asset)"]}"#)
        try session.send(#"{"assets_ids":["\#(books[1].asset)"],"operation":"unsubscribe"}"#)
        #expect(try session.receive(books[0].frame(venueMillis)).brief.count == 1)
        #expect(try session.receive(books[2].frame(venueMillis)).brief.last == "feed_status state=\"live\"")
    }

    @Test func droppedToken_isUnknownFromThereOn() throws {
        let session = try Session()
        try session.open()
        let (kept, dropped) = (WireBook.other(0), WireBook.other(1))
        try session.receive("[\(kept.frame(venueMillis)),\(dropped.frame(venueMillis))]")
        let lines = try session.send(#"{"operation":"unsubscribe","assets_ids":["\#(dropped.asset)","404"]}"#)
        #expect(lines.brief == ["feed_status state=\"gap\" reason=\"unsubscribed\" since_us=1790000000002000 instruments=[\"9001\"]"])
        #expect(session.knownBook(dropped.asset) == nil && session.knownBook(kept.asset) != nil)
    }

    // MARK: control text

    @Test func controlTexts_areCounted_neverData_neverFatal() throws {
        let session = try Session()
        try session.open()
        for text in ["PONG", "PONG\n", "NO NEW ASSETS", "INVALID OPERATION", "true", "42", "\"x\"", "null", "<html>429</html>", "ÄÖ"] {
            #expect(try session.receive(text, after: 2_900_000).brief.allSatisfy { $0.contains("books 0 of 0") }, "\(text)")
        }
        #expect(session["control_text"] == 10)
        #expect(session.rejects.count == 7)
        // None of it kept the socket fresh.
        #expect(try session.wait(micros: 1_100_000).brief == ["feed_status state=\"stale\" reason=\"no data\" since_us=1790000000001000"])
    }

    // MARK: connections

    @Test func reconnect_startsOverAndSeqRunsOn() throws {
        let session = try Session(["--verify", "all"])
        try session.open()
        var wire = WireBook()
        try session.receive(wire.frame(venueMillis))
        try session.receive(wire.change("BUY", "0.41", "1", venueMillis + 1))
        #expect(try session.drop().brief == ["feed_status state=\"disconnected\" reason=\"close 1006\" since_us=1790000000003000"])
        #expect(session.knownBook(wire.asset) == nil)
        try session.open(2)
        #expect(try session.receive(wire.change("BUY", "0.42", "1", venueMillis + 2), conn: 2).isEmpty)
        let line = try session.receive(wire.frame(venueMillis + 3), conn: 2)
        #expect(
            line.brief[line: 0].hasPrefix("book_snapshot 74866639 seq=3 ")
                && line.brief[line: 0].hasSuffix("reason=\"initial\" verified=true"))
        #expect(line.last?.member("conn") == "2")
    }

    @Test func closeOfAnotherConnection_leavesTheBookAlone() throws {
        let session = try Session()
        try session.open(1)
        try session.open(2)
        try session.receive(WireBook().frame(venueMillis), conn: 1)
        try session.drop(2)
        #expect(session.knownBook(WireBook().asset) != nil)
    }

    @Test func openTwiceWithoutAClose_isADisconnectBetween() throws {
        let session = try Session()
        try session.open()
        try session.receive(WireBook().frame(venueMillis))
        #expect(
            try session.open().brief == [
                "feed_status state=\"disconnected\" reason=\"opened again without a close\" since_us=1790000000002000",
                "feed_status state=\"connecting\"",
            ])
        #expect(session.books.isEmpty)
        #expect(try session.receive(WireBook().frame(venueMillis)).brief.first?.contains("initial") == true)
    }

    @Test func staleBooks_areUnknown_andAHashThatAgreesTakesThemBack() throws {
        let session = try Session(["--verify", "all"])
        try session.open()
        var wire = WireBook()
        try session.receive(wire.frame(venueMillis))
        #expect(try session.wait(micros: 30_000_000).brief == ["feed_status state=\"stale\" reason=\"no data\" since_us=1790000000002000"])
        #expect(session.books.isEmpty)
        let lines = try session.receive(wire.change("BUY", "0.41", "1", venueMillis + 1)).brief
        #expect(lines.count == 3 && lines[line: 0].hasSuffix("reason=\"resync\" verified=true"))
        #expect(lines[line: 2] == "feed_status state=\"live\" reason=\"data again; books are unknown until their snapshots\"")
    }
}

import Testing

@testable import pm_feed

/// Tokens that go from one connection to another: a book belongs to the one that keeps it true.
@Suite struct PolymarketHandoverTests {
    private let wire = WireBook()

    private func subscribe(_ session: Session, _ conn: Int64, _ tokens: [String]) throws {
        try session.open(conn)
        try session.send(#"{"assets_ids":[\#(tokens.map { "\"\($0)\"" }.joined(separator: ","))],"type":"market"}"#, conn: conn)
    }

    private func unsubscribe(_ session: Session, _ conn: Int64, _ token: String) throws -> [String] {
        try session.send(#"{"operation":"unsubscribe","assets_ids":["\#(token)"]}"#, conn: conn)
    }

    /// Frames that were on their way when we unsubscribed: nobody will tell us how the book goes on.
    @Test func bookThatComesAfterTheUnsubscription_isNotShown() throws {
        let session = try Session()
        try subscribe(session, 1, [wire.asset])
        try session.receive(wire.frame(venueMillis))
        #expect(try unsubscribe(session, 1, wire.asset).brief.count == 1)
        #expect(try session.receive(wire.frame(venueMillis + 1, isFirst: false)).brief.isEmpty)
        #expect(session.knownBook(wire.asset) == nil)
        var venue = wire
        #expect(try session.receive(venue.change("BUY", "0.41", "1", venueMillis + 2)).brief.isEmpty)
        #expect(try session.answer(venue.rest(venueMillis + 3)).brief.isEmpty)
        #expect(session.books.isEmpty)
    }

    @Test func lateChangeOnTheOldConnection_doesNotTieTheTokenToIt() throws {
        let session = try Session()
        var venue = wire
        try subscribe(session, 1, [wire.asset])
        try session.receive(wire.frame(venueMillis))
        try subscribe(session, 2, [wire.asset])
        _ = try unsubscribe(session, 1, wire.asset)
        try session.receive(venue.change("BUY", "0.41", "1", venueMillis + 2), conn: 1)
        // The new one leaves the book out; REST gives it, and it is the new one's.
        let answer = venue.rest(venueMillis + 3)
        try session.receive(venue.change("BUY", "0.42", "2", venueMillis + 4), conn: 2)
        let lines = try session.answer(answer)
        #expect(lines.filter { $0.contains("book_snapshot") }.map { $0.member("conn") } == ["2"])
        #expect(session.knownBook(wire.asset)?.bids.levels.count == 5)
        #expect(try session.receive(venue.change("BUY", "0.43", "3", venueMillis + 5), conn: 2).brief[line: 0].hasPrefix("book_delta"))
    }

    @Test func tokenSubscribedAgainOnTheSameConnection_isTakenAgain() throws {
        let session = try Session()
        try subscribe(session, 1, [wire.asset])
        try session.receive(wire.frame(venueMillis))
        _ = try unsubscribe(session, 1, wire.asset)
        try session.send(#"{"operation":"subscribe","assets_ids":["\#(wire.asset)"]}"#)
        #expect(try session.receive(wire.frame(venueMillis + 1)).brief[line: 0].hasPrefix("book_snapshot"))
    }

    /// While a socket is renewed both carry the token, and both go on telling of it.
    @Test func renewedToken_isToldOnce_fromBoth_andOutlivesTheOldConnection() throws {
        let session = try Session()
        var venue = wire
        try subscribe(session, 1, [wire.asset])
        try session.receive(wire.frame(venueMillis), conn: 1)
        try subscribe(session, 2, [wire.asset])
        try session.receive(wire.frame(venueMillis), conn: 2)
        var told = 0
        for (millis, first) in [(1, 1), (2, 2), (3, 1), (4, 2)] as [(Int64, Int64)] {
            let frame =
                millis == 3 ? venue.frame(venueMillis + 3, isFirst: false) : venue.change("BUY", "0.4\(millis)", "1", venueMillis + millis)
            for conn in [first, 3 - first] { told += try session.receive(frame, conn: conn).brief.filter { $0.hasPrefix("book") }.count }
        }
        #expect(told == 4)
        try session.drop(1)
        #expect(session.knownBook(wire.asset)?.bids.levels.count == 6)
        #expect(try session.receive(venue.change("BUY", "0.45", "1", venueMillis + 5), conn: 2).brief[line: 0].hasPrefix("book_delta"))
    }

    /// The one that stays says once more what the other had said before it went: nothing goes back.
    @Test func endOfTheOneThatWasAhead_goesBackToNothing() throws {
        let session = try Session()
        var venue = wire
        for conn in 1...2 as ClosedRange<Int64> {
            try subscribe(session, conn, [wire.asset])
            try session.receive(wire.frame(venueMillis), conn: conn)
        }
        let frames = [("0.41", "1"), ("0.41", "2"), ("0.41", "0")].enumerated().map { number, change in
            venue.change("BUY", change.0, change.1, venueMillis + 1 + Int64(number))
        }
        for frame in frames { #expect(try session.receive(frame, conn: 1).brief.contains { $0.hasPrefix("book_delta") }) }
        try session.drop(1)
        for frame in frames { #expect(try session.receive(frame, conn: 2).brief.filter { $0.hasPrefix("book") } == []) }
        #expect(try session.receive(venue.change("BUY", "0.42", "1", venueMillis + 9), conn: 2).brief[line: 0].hasPrefix("book_delta"))
        // One message that the other never said: it counts, though nobody is left to compare it with.
        #expect(try session.receive(venue.change("BUY", "0.43", "1", venueMillis + 10), conn: 2).brief[line: 0].hasPrefix("book_delta"))
    }

    @Test func endOfTheOneThatWasAhead_whereTheOtherSaysSomethingElse_itsWordCounts() throws {
        let session = try Session()
        var venue = wire
        for conn in 1...2 as ClosedRange<Int64> {
            try subscribe(session, conn, [wire.asset])
            try session.receive(wire.frame(venueMillis), conn: conn)
        }
        var lone = venue
        try session.receive(lone.change("BUY", "0.41", "1", venueMillis + 1), conn: 1)
        try session.drop(1)
        #expect(try session.receive(venue.change("BUY", "0.42", "1", venueMillis + 2), conn: 2).brief[line: 0].hasPrefix("book_delta"))
        #expect(try session.receive(venue.change("BUY", "0.43", "1", venueMillis + 3), conn: 2).brief[line: 0].hasPrefix("book_delta"))
    }

    @Test func changeThatCannotBeReadOnOneConnection_costsNothing_whereAnotherTellsItToo() throws {
        let session = try Session()
        try subscribe(session, 1, [wire.asset])
        try session.receive(wire.frame(venueMillis), conn: 1)
        try subscribe(session, 2, [wire.asset])
        try session.receive(wire.frame(venueMillis), conn: 2)
        #expect(try session.receive(wire.message([#"{"asset_id":"\#(wire.asset)"}"#], venueMillis + 1), conn: 2).brief.isEmpty)
        #expect(session.knownBook(wire.asset) != nil)
    }

    /// A connection that dropped the token is gone from the order of arrivals too: else a lost book would be mended on it, and stay so.
    @Test func bookIsNeverMendedOnAConnectionThatDroppedIt() throws {
        let session = try Session()
        var venue = wire
        for conn in 1...2 as ClosedRange<Int64> {
            try subscribe(session, conn, [wire.asset])
            // The second one's book is a later one, so that nobody knows where it stands.
            try session.receive(venue.frame(venueMillis + conn), conn: conn)
            venue.set("BUY", "0.4\(conn)", "1")
        }
        _ = try unsubscribe(session, 1, wire.asset)
        try session.answer(venue.rest(venueMillis + 5))
        #expect(session.knownBook(wire.asset) != nil)
        try session.drop(2)
        #expect(try session.answer(venue.rest(venueMillis + 6)).brief.isEmpty && session.books.isEmpty)
    }

    /// The renewed socket left a book out that the old one had: with the old one it is lost, and has to be looked after.
    @Test func bookLostWithAConnection_whileAnotherCarriesTheToken_isAmongTheLost() throws {
        let session = try Session()
        let other = WireBook.other(1)
        try subscribe(session, 1, [wire.asset, other.asset])
        try session.receive("[\(wire.frame(venueMillis)),\(other.frame(venueMillis))]", conn: 1)
        try subscribe(session, 2, [wire.asset, other.asset])
        try session.receive(other.frame(venueMillis), conn: 2)
        _ = session.venue.verifier.takeLost()
        try session.drop(1)
        #expect(session.venue.verifier.takeLost().map(\.instrument.id) == [wire.asset])
        #expect(try session.answer(wire.rest(venueMillis + 1)).brief.first?.hasPrefix("book_snapshot") == true)
    }

    // MARK: Books that the socket left out

    @Test func bookThatWasLeftOut_isSeeded_bufferThenRESTThenReplay() throws {
        let session = try Session()
        var venue = wire
        let other = WireBook.other(1)
        try subscribe(session, 1, [wire.asset, other.asset])
        try session.receive(other.frame(venueMillis))
        try session.receive(venue.change("BUY", "0.41", "1", venueMillis + 1))
        let answer = venue.rest(venueMillis + 1)
        try session.receive(venue.change("SELL", "0.7", "0", venueMillis + 2))
        #expect(
            try session.answer(answer, path: "/books").brief == [
                "book_snapshot 74866639 seq=1 venue_us=1789999999002000 bids=[[0.6,30],[0.5,20],[0.41,1],[0.4,10]] asks=[[0.8,50],[0.9,40]] reason=\"initial\" verified=true",
                "feed_status state=\"live\"",
            ])
        #expect(try session.receive(venue.change("BUY", "0.42", "1", venueMillis + 3)).brief[line: 0].hasPrefix("book_delta"))
    }

    @Test func seededBook_thatTheSocketSendsAfterAll_isARefresh() throws {
        let session = try Session()
        try subscribe(session, 1, [wire.asset])
        #expect(try session.answer(wire.rest(venueMillis)).brief[line: 0].contains("initial"))
        #expect(try session.receive(wire.frame(venueMillis)).brief[line: 0].contains("refresh"))
    }

    @Test func tokenThatNobodyCarries_isNotSeeded() throws {
        let session = try Session()
        try subscribe(session, 1, ["5"])
        #expect(try session.answer(wire.rest(venueMillis)).brief.isEmpty && session.books.isEmpty)
    }

    // MARK: live, when the subscription goes out in pieces

    @Test func fullPiece_isFollowedByMore_soLiveWaitsForIt() throws {
        let session = try Session(["--verify", "off"])
        let books = (0..<150).map { WireBook(market: "0xm\($0 / 2)", asset: "\(1000 + $0)") }
        func frame(_ some: ArraySlice<WireBook>) -> String { "[\(some.map { $0.frame(venueMillis) }.joined(separator: ","))]" }
        try subscribe(session, 1, books[..<100].map(\.asset))
        #expect(try !session.receive(frame(books[..<100])).brief.contains { $0.hasPrefix("feed_status") })
        let names = books[100...].map { "\"\($0.asset)\"" }.joined(separator: ",")
        try session.send(#"{"operation":"subscribe","assets_ids":[\#(names)]}"#, after: 250_000)
        #expect(try session.receive(frame(books[100...])).brief.last == "feed_status state=\"live\"")
    }

    @Test func fullPieceThatWasTheLast_isLiveASecondLater() throws {
        let session = try Session(["--verify", "off"])
        let books = (0..<100).map { WireBook(market: "0xm\($0 / 2)", asset: "\(1000 + $0)") }
        try subscribe(session, 1, books.map(\.asset))
        try session.receive("[\(books.map { $0.frame(venueMillis) }.joined(separator: ","))]")
        #expect(try session.wait(micros: 998_999).isEmpty)
        #expect(try session.wait(micros: 1).brief == ["feed_status state=\"live\""])
    }
}

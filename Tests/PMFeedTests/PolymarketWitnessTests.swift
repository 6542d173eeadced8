import MarketModel
import Testing

@testable import pm_feed

/// Silence: what REST's answers prove of a socket that says nothing (dossier §2.10, §6 no. 1, 2, 16).
@Suite struct PolymarketWitnessTests {
    private let wire = WireBook()
    private let second: Int64 = 1_000_000

    private func opened(_ arguments: [String] = ["--stale-after", "0"], _ books: [WireBook] = [WireBook(), WireBook.other(1)]) throws
        -> Session
    {
        let session = try Session(arguments)
        try session.open()
        let names = books.map { "\"\($0.asset)\"" }.joined(separator: ",")
        try session.send(#"{"assets_ids":[\#(names)],"type":"market"}"#)
        try session.receive("[\(books.map { $0.frame(venueMillis) }.joined(separator: ","))]")
        return session
    }

    private func moved(_ millis: Int64) -> String {
        var wire = wire
        wire.set("BUY", "0.41", "\(millis)")
        return wire.rest(venueMillis + millis)
    }

    @Test func oneNewerAnswer_isSuspicion_aSecondOneAfterFiveSeconds_isAVerdictOnTheSocket() throws {
        let session = try opened()
        #expect(try session.answer(moved(5)).brief.isEmpty)
        #expect(try session.answer(moved(5), after: 4_999_999).brief.isEmpty)
        #expect(session.knownBook(wire.asset) != nil && session.engine.takeStaleConns().isEmpty)
        let lines = try session.answer(moved(5), after: 1).brief
        #expect(lines.count == 1 && lines[line: 0].hasPrefix("feed_status state=\"stale\" reason=\"silent while REST has moved on\""))
        #expect(session.books.isEmpty && session.engine.takeStaleConns() == [1])
    }

    @Test func socketThatCaughtUp_isAcquitted() throws {
        let session = try opened()
        var venue = wire
        try session.answer(moved(5))
        try session.receive(venue.change("BUY", "0.41", "5", venueMillis + 5), after: second)
        // Ahead again, but this is another change: the count begins anew.
        #expect(try session.answer(moved(9), after: 9 * second).brief.isEmpty)
        #expect(try session.answer(moved(9), after: 4_999_999).brief.isEmpty)
        #expect(session["silent_tokens"] == 0)
    }

    @Test func suspicionThatIsOld_isNone() throws {
        let session = try opened()
        try session.answer(moved(5))
        #expect(try session.answer(moved(5), after: 121 * second).brief.isEmpty)
        #expect(session["silent_tokens"] == 0)
        #expect(try session.answer(moved(5), after: 5 * second).brief.count == 1)
    }

    @Test func tokenOfASocketThatSpeaks_isAGapOfItsOwn_andRESTDoesNotHealIt() throws {
        let session = try opened()
        var other = WireBook.other(1)
        try session.answer(moved(5))
        try session.receive(other.change("BUY", "0.41", "1", venueMillis + 6), after: second)
        let lines = try session.answer(moved(5), after: 4 * second).brief
        #expect(
            lines == [
                "feed_status state=\"gap\" reason=\"its connection is silent of it while REST has moved on\" since_us=1790000000003000 instruments=[\"\(wire.asset)\"]"
            ])
        #expect(session.knownBook(other.asset) != nil && session.engine.takeStaleConns().isEmpty)
        // A book of REST has nobody to keep it true while this connection carries it.
        #expect(try session.answer(moved(7), after: second).brief.isEmpty && session.knownBook(wire.asset) == nil)
        // Another connection carries it now, and sends no book of its own: REST's is as good as its.
        try session.send(#"{"operation":"unsubscribe","assets_ids":["\#(wire.asset)"]}"#)
        #expect(try session.answer(moved(8)).brief.isEmpty)
        try session.open(2)
        try session.send(#"{"assets_ids":["\#(wire.asset)"],"type":"market"}"#, conn: 2)
        let healed = try session.answer(moved(9))
        #expect(healed.brief.map { $0.prefix(13) } == ["book_snapshot", "feed_status s"] && healed.first?.member("conn") == "2")
    }

    @Test func sameAnswer_provesTheSocketQuiet_andKeepsItFromBeingStale() throws {
        let session = try opened(["--stale-after", "30s"])
        for _ in 0..<6 { #expect(try session.answer(wire.rest(venueMillis), after: 20 * second).brief.isEmpty) }
        #expect(session.knownBook(wire.asset) != nil)
        #expect(try session.wait(micros: 30 * second).brief.map { $0.contains("\"stale\" reason=\"no data\"") } == [true])
    }

    @Test func answerOlderThanTheSocket_provesNothing() throws {
        let session = try opened(["--stale-after", "30s"])
        #expect(try session.answer(wire.rest(venueMillis - 5), after: 29 * second).brief.isEmpty)
        #expect(try session.wait(micros: second).brief.first?.contains("stale") == true)
    }

    @Test func answerWithOneNewerBook_isNoProofOfQuiet() throws {
        let session = try opened(["--stale-after", "30s"])
        #expect(try session.answer("[\(WireBook.other(1).rest(venueMillis)),\(moved(5))]", after: 29 * second).brief.isEmpty)
        #expect(try session.wait(micros: second).brief.first?.contains("stale") == true)
    }

    // MARK: Up to when a book is known

    /// The book holds what came after the answer: only what is later still would prove a loss.
    @Test func bookFromRESTWithReplayedChanges_isKnownUpToTheLastOfThem() throws {
        let session = try opened()
        var venue = wire
        try session.receive(wire.message([#"{"asset_id":"\#(wire.asset)"}"#], venueMillis + 1))
        let answer = venue.rest(venueMillis + 2)
        try session.receive(venue.change("BUY", "0.41", "4", venueMillis + 8, hash: ""))
        #expect(try session.answer(answer).brief.count == 2)
        for _ in 0..<3 { #expect(try session.answer(venue.rest(venueMillis + 8), after: 10 * second).brief.isEmpty) }
        #expect(session["silent_tokens"] == 0)
    }

    @Test func bookThatAHashTookBack_isKnownUpToThatMessage() throws {
        let session = try opened(["--stale-after", "0", "--verify", "all"])
        var venue = wire
        try session.receive(wire.message([#"{"asset_id":"\#(wire.asset)"}"#], venueMillis + 1))
        #expect(try session.receive(venue.change("BUY", "0.41", "4", venueMillis + 8)).brief.count == 2)
        for _ in 0..<3 { #expect(try session.answer(venue.rest(venueMillis + 8), after: 10 * second).brief.isEmpty) }
        #expect(session["silent_tokens"] == 0)
    }
}

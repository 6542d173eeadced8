import Testing

@testable import pm_feed

/// The venue changes what goes into the hash, or changed it before the recording was made.
@Suite struct PolymarketRecipeTests {
    private static let wrongHash = String(repeating: "0", count: 40)
    private let off =
        "feed_status state=\"drift\" reason=\"book hash recipe matches no longer; hashes are not checked from here on\" instruments=[]"
    private let on = "feed_status state=\"drift\" reason=\"book hash recipe matches again; hashes are checked\" instruments=[]"

    /// Books of `count` markets whose hashes are proved, minimum size and risk told by REST.
    private func opened(_ count: Int) throws -> (Session, [WireBook]) {
        let session = try Session(["--verify", "all"])
        try session.open()
        let books = (0..<count).map { WireBook.other($0) }
        try session.receive("[\(books.map { $0.frame(venueMillis) }.joined(separator: ","))]\n")
        return (session, books)
    }

    @Test func threeMarketsInDoubt_andOneWholeBook_switchOffWithOneDrift_andNoGap() throws {
        var (session, books) = try opened(4)
        for index in 0..<3 { try session.receive(books[index].change("BUY", "0.41", "1", venueMillis + 1, hash: Self.wrongHash)) }
        let lines = try session.receive(books[3].frame(venueMillis + 2, hash: Self.wrongHash)).brief
        #expect(lines.first == off && lines.count == 2 && lines[line: 1].hasSuffix("reason=\"refresh\""))
        for index in 0..<4 {
            for millis in 3...8 {
                let change = books[index].change("BUY", "0.41", "\(millis)", venueMillis + Int64(millis), hash: Self.wrongHash)
                #expect(try session.receive(change).brief.first?.hasPrefix("book_delta") == true)
            }
        }
        #expect(try session.wait(micros: 10_000_000).isEmpty && session["gaps"] == 0)
    }

    @Test func whileOff_aWholeBookThatAgrees_switchesOnAgain() throws {
        var (session, books) = try opened(2)
        for index in 0..<2 { try session.receive(books[index].frame(venueMillis + 1, hash: Self.wrongHash)) }
        #expect(session["status_drift"] == 1)
        // A change that agrees proves nothing while hashes are off.
        #expect(try session.receive(books[0].change("BUY", "0.41", "1", venueMillis + 2)).brief.first?.hasSuffix("asks=[]") == true)
        let lines = try session.receive(books[0].frame(venueMillis + 3)).brief
        #expect(lines[line: 0] == on && lines[line: 1].hasSuffix("reason=\"refresh\" verified=true"))
        #expect(try session.receive(books[1].change("BUY", "0.41", "1", venueMillis + 4)).brief.first?.hasSuffix("verified=true") == true)
    }

    @Test func whileOff_aRestBookThatAgrees_switchesOnAgain() throws {
        let (session, books) = try opened(2)
        for index in 0..<2 { try session.receive(books[index].frame(venueMillis + 1, hash: Self.wrongHash)) }
        #expect(try session.answer(books[0].rest(venueMillis + 2)).brief == [on])
    }

    @Test func restBooksThatDisagree_countAsWholeBooks_onceTheStreamHasDisagreedToo() throws {
        var (session, books) = try opened(3)
        let before = session.books
        #expect(try session.answer(books[0].rest(venueMillis + 1, hash: Self.wrongHash)).brief.isEmpty)
        // The same token again is no second one, and a hash that agrees between starts the count anew.
        #expect(try session.answer(books[0].rest(venueMillis + 1, hash: Self.wrongHash)).brief.isEmpty)
        try session.receive(books[2].change("BUY", "0.41", "1", venueMillis + 2))
        #expect(try session.answer(books[1].rest(venueMillis + 3, hash: Self.wrongHash)).brief.isEmpty)
        #expect(try session.answer(books[0].rest(venueMillis + 3, hash: Self.wrongHash)).brief.isEmpty)
        #expect(session["status_drift"] == 0)
        try session.receive(books[2].change("BUY", "0.41", "2", venueMillis + 4, hash: Self.wrongHash))
        #expect(try session.answer(books[0].rest(venueMillis + 5, hash: Self.wrongHash)).brief == [off])
        #expect(session["gaps"] == 0 && session.knownBook(books[0].asset) != nil && before != session.books)
    }

    @Test func underSample_oneDoubtMakesEveryBookAWitness() throws {
        let session = try Session(["--verify", "sample"])
        try session.open()
        var books = (0..<4).map { WireBook.other($0) }
        try session.receive("[\(books.map { $0.frame(venueMillis) }.joined(separator: ","))]\n")
        try session.answer("[\(books.map { $0.rest(venueMillis) }.joined(separator: ","))]")
        for millis in 1...16 {
            try session.receive(books[0].change("BUY", "0.41", "\(millis)", venueMillis + Int64(millis), hash: Self.wrongHash))
        }
        for index in 1...2 { try session.receive(books[index].change("BUY", "0.41", "1", venueMillis + 20, hash: Self.wrongHash)) }
        #expect(session["hash_disagreements"] == 3)
        #expect(try session.receive(books[3].frame(venueMillis + 21, hash: Self.wrongHash)).brief.first == off)
        #expect(session["gaps"] == 0)
    }

    @Test func wholeBookThatDisagrees_accusesTheRecipeNotTheBook() throws {
        let (session, books) = try opened(2)
        let lines = try session.receive(books[0].frame(venueMillis + 1, hash: Self.wrongHash)).brief
        #expect(lines.count == 1 && lines[line: 0].hasSuffix("reason=\"refresh\""))
        #expect(try session.wait(micros: 10_000_000).isEmpty)
    }

    @Test func whereNothingEverAgrees_twentyDisagreementsSwitchOff() throws {
        let session = try Session(["--verify", "all"])
        try session.open()
        var wire = WireBook()
        try session.receive(wire.frame(venueMillis, hash: Self.wrongHash))
        for millis in 1...18 {
            try session.receive(wire.change("BUY", "0.41", "\(millis)", venueMillis + Int64(millis), hash: Self.wrongHash))
        }
        #expect(session["status_drift"] == 0 && session["hash_disagreements"] == 19)
        #expect(try session.receive(wire.change("BUY", "0.41", "19", venueMillis + 19, hash: Self.wrongHash)).brief.first == off)
        try session.receive(wire.change("BUY", "0.41", "20", venueMillis + 20, hash: Self.wrongHash))
        #expect(session["hash_checks"] == 20)
    }

    @Test func recordingOfNineKeys_isReadByItsOwnRecipe_toldOnce() throws {
        let session = try Session(["--verify", "all"])
        try session.open()
        var (wire, other) = (WireBook(), WireBook.other(0))
        let lines = try session.receive("[\(wire.frame(venueMillis, keys: 9)),\(other.frame(venueMillis, keys: 9))]").brief
        #expect(lines[line: 0] == "feed_status state=\"drift\" reason=\"book hash recipe is now nineKeys\" instruments=[]")
        #expect(lines.count == 4 && lines[line: 1].hasSuffix("verified=true") && lines[line: 2].hasSuffix("verified=true"))
        wire.set("BUY", "0.41", "1")
        let change = wire.message(
            [wire.entry("BUY", "0.41", "1", venueMillis + 1, hash: wire.hash(venueMillis + 1, keys: 9))], venueMillis + 1)
        #expect(try session.receive(change).brief.first?.hasSuffix("verified=true") == true)
        #expect(session["hash_disagreements"] == 0)
    }

    @Test func recipeWithOneKeyMoreInTheMiddleOfARun_isTakenUpFromAWholeBook() throws {
        let (session, books) = try opened(3)
        var doubtful = books[2]
        try session.receive(doubtful.change("BUY", "0.41", "1", venueMillis + 1, hash: Self.wrongHash))
        let lines = try session.receive(books[0].frame(venueMillis + 2, keys: 9)).brief
        #expect(lines[line: 0].contains("nineKeys") && lines[line: 1].hasSuffix("verified=true"))
    }
}

import MarketModel
import Testing

@testable import pm_feed

/// When a book is given up, and when it is believed again.
@Suite struct PolymarketVerifierTests {
    private static let wrongHash = String(repeating: "0", count: 40)

    /// A session with books of three markets, all hashes proved.
    private func opened(_ arguments: [String] = ["--verify", "all"], others: Int = 2) throws -> Session {
        let session = try Session(arguments)
        try session.open()
        let books = [WireBook()] + (0..<others).map { WireBook.other($0) }
        try session.receive("[\(books.map { $0.frame(venueMillis) }.joined(separator: ","))]\n")
        return session
    }

    /// A change whose message is lost: the venue's book moves, ours does not.
    private func lose(_ wire: inout WireBook) { wire.set("BUY", "0.4", "77") }

    private func gaps(_ lines: [String]) -> [String] { lines.brief.filter { $0.contains("state=\"gap\"") } }

    // MARK: Hashes

    @Test func threeStrikesAtDistinctTimes_withAnotherMarketAgreeing_areAGap() throws {
        let session = try opened()
        var (wire, other) = (WireBook(), WireBook.other(0))
        lose(&wire)
        let first = try session.receive(wire.change("BUY", "0.41", "1", venueMillis + 1))
        #expect(first.brief == ["book_delta 74866639 seq=2 venue_us=1789999999001000 bids=[[0.41,1]] asks=[]"])
        #expect(try session.receive(other.change("BUY", "0.41", "1", venueMillis + 2)).brief.first?.hasSuffix("verified=true") == true)
        #expect(try gaps(session.receive(wire.change("BUY", "0.41", "2", venueMillis + 3))).isEmpty)
        let third = try session.receive(wire.change("BUY", "0.41", "3", venueMillis + 4)).brief
        #expect(
            third == [
                "feed_status state=\"gap\" reason=\"book hash disagrees with the venue's\" since_us=1790000000002000 instruments=[\"\(wire.asset)\"]"
            ])
        #expect(session.knownBook(wire.asset) == nil && session.knownBook(other.asset) != nil)
    }

    @Test func threeStrikes_withNoOtherMarketAgreeing_waitForTwoSeconds() throws {
        let session = try opened()
        var wire = WireBook()
        lose(&wire)
        for millis in 1...5 {
            #expect(try gaps(session.receive(wire.change("BUY", "0.41", "\(millis)", venueMillis + Int64(millis)))).isEmpty)
        }
        // The first strike came at 3 ms of the session; more than two seconds later it is a verdict.
        #expect(try session.wait(micros: 2_000_000 - 4000).isEmpty)
        #expect(try gaps(session.wait(micros: 1)).count == 1)
    }

    @Test func agreementBeforeTheSuspicion_doesNotSpeakForTheRecipe() throws {
        let session = try opened()
        var (wire, other) = (WireBook(), WireBook.other(0))
        try session.receive(other.change("BUY", "0.41", "1", venueMillis + 1))
        lose(&wire)
        for millis in 2...6 {
            #expect(try gaps(session.receive(wire.change("BUY", "0.41", "\(millis)", venueMillis + Int64(millis)))).isEmpty)
        }
    }

    @Test func theMirrorOfTheSameMarket_doesNotSpeakForTheRecipe() throws {
        let session = try Session(["--verify", "all"])
        try session.open()
        var (wire, mirror) = (WireBook(), WireBook(asset: "555"))
        try session.receive("[\(wire.frame(venueMillis)),\(mirror.frame(venueMillis))]")
        lose(&wire)
        for millis in 1...5 {
            let time = venueMillis + Int64(millis)
            wire.set("BUY", "0.41", "\(millis)")
            mirror.set("BUY", "0.41", "\(millis)")
            let message = wire.message(
                [wire.entry("BUY", "0.41", "\(millis)", time), mirror.entry("BUY", "0.41", "\(millis)", time)], time)
            #expect(try gaps(session.receive(message)).isEmpty)
        }
    }

    @Test func burstOfOneMillisecond_countsOnce() throws {
        let session = try opened()
        var (wire, other) = (WireBook(), WireBook.other(0))
        let millis = venueMillis + 1
        let changes = (1...6).map { ("0.4\($0)", "\($0)") }
        var final = wire
        for (price, size) in changes { final.set("BUY", price, size) }
        try session.receive(other.change("BUY", "0.41", "1", millis))
        for (index, (price, size)) in changes.enumerated() {
            // Another market agrees all along: only the count stands between the burst and a verdict.
            try session.receive(other.change("BUY", "0.42", "\(index + 1)", millis))
            let lines = try session.receive(wire.change("BUY", price, size, millis, hash: final.hash(millis))).brief
            #expect(lines.count == 1 && lines[line: 0].hasSuffix("verified=true") == (index == 5), "\(index)")
        }
        #expect(session["gaps"] == 0)
    }

    @Test func agreement_clearsStrikes() throws {
        let session = try opened()
        var (wire, other) = (WireBook(), WireBook.other(0))
        for round in 0..<5 {
            let base = venueMillis + Int64(round * 10)
            for strike in 1...2 {
                let change = wire.change("BUY", "0.41", "\(round + 1)\(strike)", base + Int64(strike), hash: Self.wrongHash)
                #expect(try gaps(session.receive(change)).isEmpty)
            }
            try session.receive(other.change("BUY", "0.41", "\(round + 1)", base + 3))
            #expect(try session.receive(wire.change("BUY", "0.42", "1\(round)", base + 4)).brief.first?.hasSuffix("verified=true") == true)
        }
        #expect(try session.wait(micros: 10_000_000).isEmpty)
    }

    @Test func singleStrike_thenSilence_isAGapAfterTwoSeconds() throws {
        let session = try opened()
        var wire = WireBook()
        try session.receive(wire.change("BUY", "0.41", "1", venueMillis + 1, hash: Self.wrongHash))
        #expect(try session.wait(micros: 2_000_000).isEmpty)
        let lines = try session.wait(micros: 1)
        #expect(gaps(lines).count == 1)
        #expect(lines[line: 0].member("recv_us") == "1790000002003001")
    }

    @Test func strikeExactlyTwoSecondsAfterTheFirst_isNotYetAVerdict() throws {
        for (micros, isGap) in [(2_000_000, false), (2_000_001, true)] as [(Int64, Bool)] {
            let session = try opened()
            var wire = WireBook()
            try session.receive(wire.change("BUY", "0.41", "1", venueMillis + 1, hash: Self.wrongHash))
            let lines = try session.receive(wire.change("BUY", "0.41", "2", venueMillis + 2, hash: Self.wrongHash), after: micros)
            #expect(gaps(lines).isEmpty != isGap)
            let tops = try opened(["--verify", "off"])
            wire = WireBook()
            wire.set("SELL", "0.7", "0")
            try tops.receive(wire.change("BUY", "0.41", "1", venueMillis + 1))
            #expect(try gaps(tops.receive(wire.change("BUY", "0.41", "2", venueMillis + 2), after: micros)).isEmpty != isGap)
        }
    }

    @Test func lostPrintFarFromTheTop_isFoundOutByTheLastWord() throws {
        let session = try opened()
        var wire = WireBook()
        wire.last = "0.123"
        #expect(try session.receive(wire.change("BUY", "0.41", "1", venueMillis + 1)).brief.first?.hasSuffix("verified=true") == false)
        #expect(try session.wait(micros: 5_000_000).isEmpty)
        #expect(session.knownBook(wire.asset) != nil)
        #expect(try session.receive(wire.change("BUY", "0.41", "2", venueMillis + 2)).brief.first?.hasSuffix("verified=true") == true)
    }

    @Test func agreementHealsAnUnknownBook_withAVerifiedSnapshot() throws {
        let session = try opened()
        var wire = WireBook()
        try session.receive(wire.message([#"{"asset_id":"\#(wire.asset)","price":"x"}"#], venueMillis + 1))
        #expect(session.knownBook(wire.asset) == nil)
        let lines = try session.receive(wire.change("BUY", "0.65", "1", venueMillis + 2)).brief
        #expect(
            lines == [
                "book_snapshot 74866639 seq=2 venue_us=1789999999002000 bids=[[0.65,1],[0.6,30],[0.5,20],[0.4,10]] asks=[[0.7,60],[0.8,50],[0.9,40]] reason=\"resync\" verified=true",
                "feed_status state=\"live\" instruments=[\"\(wire.asset)\"]",
            ])
    }

    @Test func disagreeingUnknownBook_staysUnknown_andIsToldOnce() throws {
        let session = try opened()
        var (wire, other) = (WireBook(), WireBook.other(0))
        lose(&wire)
        var told = 0
        for millis in 1...20 {
            told += try gaps(session.receive(wire.change("BUY", "0.41", "\(millis)", venueMillis + Int64(millis)))).count
            try session.receive(other.change("BUY", "0.41", "\(millis)", venueMillis + Int64(millis)))
        }
        #expect(told == 1 && session.knownBook(wire.asset) == nil)
    }

    @Test func bookThatNeverAgreed_isNotAccusedByItsHash() throws {
        let session = try Session(["--verify", "all"])
        try session.open()
        var wire = WireBook()
        wire.minSize = "7"
        var other = WireBook.other(0)
        try session.receive("[\(wire.frame(venueMillis)),\(other.frame(venueMillis))]")
        for millis in 1...10 {
            try session.receive(other.change("BUY", "0.41", "\(millis)", venueMillis + Int64(millis)))
            #expect(try gaps(session.receive(wire.change("BUY", "0.41", "\(millis)", venueMillis + Int64(millis)))).isEmpty)
        }
        #expect(try session.wait(micros: 10_000_000).isEmpty)
    }

    @Test func sample_checksOneChangeInSixteen_andEveryOneUnderSuspicion() throws {
        let session = try opened(["--verify", "sample"], others: 0)
        var wire = WireBook()
        #expect(session["hash_checks"] == 1)
        for millis in 1...15 { try session.receive(wire.change("BUY", "0.41", "\(millis)", venueMillis + Int64(millis))) }
        #expect(session["hash_checks"] == 1)
        try session.receive(wire.change("BUY", "0.41", "16", venueMillis + 16, hash: Self.wrongHash))
        #expect(session["hash_checks"] == 2)
        try session.receive(wire.change("BUY", "0.41", "17", venueMillis + 17))
        #expect(session["hash_checks"] == 3 && session["hash_agreements"] == 2)
        try session.receive(wire.change("BUY", "0.41", "18", venueMillis + 18))
        #expect(session["hash_checks"] == 3)
        // A torn frame near it: looked at at once.
        try session.receive("{\"market\":")
        try session.receive(wire.change("BUY", "0.41", "19", venueMillis + 19))
        #expect(session["hash_checks"] == 4)
    }

    @Test func off_checksNoHash_andStillComparesTops() throws {
        let session = try opened(["--verify", "off"])
        var wire = WireBook()
        for millis in 1...40 {
            try session.receive(wire.change("BUY", "0.41", "\(millis)", venueMillis + Int64(millis), hash: Self.wrongHash))
        }
        #expect(session["hash_checks"] == 0 && session["gaps"] == 0)
        wire.set("BUY", "0.6", "0")
        for millis in 51...53 { try session.receive(wire.change("BUY", "0.41", "\(millis)", venueMillis + Int64(millis))) }
        #expect(session["gaps"] == 1)
    }

    // MARK: Best prices

    @Test func topsThatDisagreeThreeTimes_areAGap_oneMillisecondCountsOnce() throws {
        for (millis, isGap) in [([1, 2, 3], true), ([1, 1, 1], false), ([1, 2, 2], false), ([1, 1, 2, 2, 3], true)] {
            let session = try opened(["--verify", "off"])
            var wire = WireBook()
            wire.set("SELL", "0.7", "0")
            var told = 0
            for (index, milli) in millis.enumerated() {
                told += try gaps(session.receive(wire.change("BUY", "0.41", "\(index + 1)", venueMillis + Int64(milli)))).count
            }
            #expect((told == 1) == isGap, "\(millis)")
        }
    }

    @Test func topThatDisagreesOnce_isAGapAfterTwoSeconds_unlessItAgreesAgain() throws {
        for agreesAgain in [false, true] {
            let session = try opened(["--verify", "off"])
            var wire = WireBook()
            wire.set("SELL", "0.7", "0")
            try session.receive(wire.change("BUY", "0.41", "1", venueMillis + 1))
            if agreesAgain {
                wire.set("SELL", "0.7", "60")
                try session.receive(wire.change("BUY", "0.41", "2", venueMillis + 2), after: 500_000)
            }
            #expect(try gaps(session.wait(micros: 2_000_001)).count == (agreesAgain ? 0 : 1))
        }
    }

    @Test func hashThatAgrees_outweighsATopThatDoesNot() throws {
        let session = try opened()
        var wire = WireBook()
        for millis in 1...6 {
            let frame = wire.change("BUY", "0.41", "\(millis)", venueMillis + Int64(millis)).replacing(
                "\"best_bid\":\"0.6\"", with: "\"best_bid\":\"0.61\"")
            #expect(try session.receive(frame).brief.first?.hasSuffix("verified=true") == true)
        }
        #expect(session["gaps"] == 0 && session["best_price_disagreements"] == 0)
    }

    @Test(arguments: ["\"best_bid\":\"abc\"", "\"best_bid\":\"1.5\"", "\"best_bid\":\"Best bid is unknown\""])
    func bestPriceThatIsNone_isCountedOnly(text: String) throws {
        let session = try opened(["--verify", "off"])
        var wire = WireBook()
        for millis in 1...5 {
            try session.receive(
                wire.change("BUY", "0.41", "\(millis)", venueMillis + Int64(millis)).replacing("\"best_bid\":\"0.6\"", with: text))
        }
        #expect(session["best_price_unreadable"] == 5 && session["gaps"] == 0)
    }

    @Test func emptySides_mayBeToldAsNothingZeroOrOne() throws {
        let session = try opened(["--verify", "off"])
        var wire = WireBook()
        for price in ["0.9", "0.8", "0.7"] { wire.set("SELL", price, "0") }
        let entries = ["0.9", "0.8", "0.7"].map { wire.entry("SELL", $0, "0", 1) }
        try session.receive(wire.message(entries, venueMillis + 1))
        for (millis, told) in [(2, "1"), (3, ""), (4, "0"), (5, "1.0")] {
            let frame = wire.change("BUY", "0.41", "\(millis)", venueMillis + Int64(millis)).replacing(
                "\"best_ask\":\"1\"", with: "\"best_ask\":\"\(told)\"")
            try session.receive(frame)
        }
        #expect(session["best_price_disagreements"] == 0)
        try session.receive(wire.change("BUY", "0.41", "9", venueMillis + 9).replacing("\"best_ask\":\"1\"", with: "\"best_ask\":\"0.9\""))
        #expect(session["best_price_disagreements"] == 1)
    }
}

import MarketModel
import Testing

@testable import pm_feed

/// REST answers: what they add, and when they may replace a book.
@Suite struct PolymarketDirectoryTests {
    private static let wrongHash = String(repeating: "0", count: 40)
    private let wire = WireBook()

    private func opened(_ arguments: [String] = ["--verify", "all"]) throws -> Session {
        let session = try Session(arguments)
        try session.open()
        try session.receive(wire.frame(venueMillis))
        return session
    }

    private func spoil(_ session: Session, _ millis: Int64 = venueMillis + 1) throws {
        try session.receive(wire.message([#"{"asset_id":"\#(wire.asset)","price":"x"}"#], millis))
        #expect(session.knownBook(wire.asset) == nil)
    }

    // MARK: Events

    @Test(arguments: [
        (#""negRisk":true"#, #","negRiskAugmented":true"#, "augmented"), (#""negRisk":true"#, "", "standard"),
        (#""negRisk":false"#, #","negRiskAugmented":true"#, "none"),
    ])
    func marketsOfAnEvent_sayWhetherMoreOutcomesMayBeListed(market: String, event: String, told: String) throws {
        let listed =
            #"{"conditionId":"\#(wire.market)","clobTokenIds":"[\"\#(wire.asset)\"]","outcomes":"[\"Yes\"]","slug":"up",\#(market)}"#
        let page = #"{"events":[{"slug":"the-event"\#(event),"markets":[\#(listed)]}],"next_cursor":"x"}"#
        let session = try Session([])
        try session.answer(page)
        try session.open()
        let line = try #require(session.receive(wire.frame(venueMillis)).first)
        #expect(line.contains(#""event":"the-event","slug":"up""#) && line.contains(#""neg_risk":"\#(told)""#), "\(line)")
    }

    // MARK: /book

    @Test func bookAnswer_tellsMinSizeAndTheHashInputs_andLeavesAKnownBookAlone() throws {
        var odd = wire
        (odd.minSize, odd.isNegRisk) = ("7", true)
        let session = try Session(["--verify", "all"])
        try session.open()
        #expect(try session.receive(odd.frame(venueMillis)).brief[line: 0].hasSuffix("reason=\"initial\""))
        var older = odd
        older.set("BUY", "0.6", "0")
        let before = session.books
        #expect(try session.answer(older.rest(venueMillis - 5)).map(\.brief) == ["instrument 74866639 tick_size=0.01 min_size=7"])
        #expect(session.books == before)
        #expect(try session.receive(odd.change("BUY", "0.41", "1", venueMillis + 1)).brief[line: 0].hasSuffix("verified=true"))
    }

    @Test func unknownBook_isReplaced_andLive() throws {
        let session = try opened()
        try spoil(session)
        var fresh = wire
        fresh.set("BUY", "0.41", "3")
        #expect(
            try session.answer(fresh.rest(venueMillis + 2)).brief == [
                "book_snapshot 74866639 seq=2 venue_us=1789999999002000 bids=[[0.6,30],[0.5,20],[0.41,3],[0.4,10]] asks=[[0.7,60],[0.8,50],[0.9,40]] reason=\"resync\" verified=true",
                "feed_status state=\"live\" instruments=[\"\(wire.asset)\"]",
            ])
        // Known again: the next answer is a witness only.
        #expect(try session.answer(fresh.rest(venueMillis + 3)).isEmpty)
    }

    @Test func changesLaterThanTheAnswer_areReplayed_earlierOnesAreInIt() throws {
        let session = try opened()
        try spoil(session)
        var venue = wire
        venue.set("SELL", "0.75", "8")
        let changes = [(2, "0.41", "1"), (3, "0.42", "2"), (4, "0.43", "3")]
        var answer = venue
        for (millis, price, size) in changes {
            // Hashes are left out, so that nothing heals the book before the answer.
            try session.receive(venue.change("BUY", price, size, venueMillis + Int64(millis), hash: ""))
            if millis <= 3 { answer.set("BUY", price, size) }
        }
        let lines = try session.answer(answer.rest(venueMillis + 3)).brief
        #expect(lines[line: 0].contains("bids=[[0.6,30],[0.5,20],[0.43,3],[0.42,2],[0.41,1],[0.4,10]] asks=[[0.7,60],[0.75,8],"))
        #expect(lines[line: 0].hasSuffix("reason=\"resync\""))
        #expect(try session.receive(venue.change("BUY", "0.44", "1", venueMillis + 5)).brief[line: 0].hasSuffix("verified=true"))
    }

    @Test func answerOfTheLastChangesMillisecond_isTheBookAsItIs_verified() throws {
        let session = try opened()
        try spoil(session)
        var venue = wire
        try session.receive(venue.change("BUY", "0.41", "1", venueMillis + 2, hash: ""))
        #expect(try session.answer(venue.rest(venueMillis + 2)).brief[line: 0].hasSuffix("reason=\"resync\" verified=true"))
    }

    @Test func answerOlderThanWhatTheBookHadSeen_isNoHelp() throws {
        let session = try opened()
        var venue = wire
        try session.receive(venue.change("BUY", "0.41", "1", venueMillis + 10))
        try spoil(session, venueMillis + 11)
        #expect(try session.answer(wire.rest(venueMillis + 5)).brief.isEmpty)
        #expect(session["rest_book_too_old"] == 1)
        #expect(try session.answer(venue.rest(venueMillis + 10)).brief.count == 2)
    }

    @Test func ghostWithAHashOfItsOwn_isRefuted_unlessTheStreamSaysTheSame() throws {
        let session = try opened(["--verify", "off"])
        try spoil(session)
        var ghost = wire
        (ghost.bids, ghost.asks) = ([("0.01", "100")], [("0.99", "100")])
        #expect(try session.answer(ghost.rest(venueMillis + 2)).brief.isEmpty && session["rest_book_refuted"] == 1)
        // A change since then whose best prices are the ghost's: it is the book.
        try session.receive(ghost.change("BUY", "0.005", "7", venueMillis + 3))
        #expect(try session.answer(ghost.rest(venueMillis + 2)).brief.count == 2)
    }

    /// Under the true books' hashes ghosts look like a new recipe, and with a change in them like a book.
    @Test func ghostsOfManyTokens_accuseNoRecipe_andAreNoBooksWithAChangeInThem() throws {
        let session = try opened(["--verify", "all"])
        try spoil(session)
        var ghost = wire
        (ghost.bids, ghost.asks) = ([("0.01", "5000")], [("0.99", "5000")])
        var lines: [String] = []
        for token in ["21", "22", "23", "24"] {
            var other = ghost
            other.asset = token
            lines += try session.answer(other.rest(venueMillis + 1, hash: wire.hash(venueMillis + 1)))
        }
        var venue = wire
        lines += try session.receive(venue.change("BUY", "0.65", "1", venueMillis + 3))
        lines += try session.receive(venue.change("SELL", "0.66", "1", venueMillis + 4))
        lines += try session.answer(ghost.rest(venueMillis + 2, hash: wire.hash(venueMillis + 2)))
        #expect(session.knownBook(wire.asset) == nil || session.knownBook(wire.asset)?.bids.levels.count == 4)
        #expect(!lines.contains { $0.contains("recipe") || $0.contains("5000") })
    }

    @Test func changeSinceTheAnswer_whoseBestPricesAreOthers_refutesIt() throws {
        for arguments in [["--verify", "off"], ["--verify", "all"]] {
            let session = try opened(arguments)
            try spoil(session)
            let cached = wire
            var venue = wire
            venue.set("BUY", "0.65", "5")  // Lost with the answer's cache, and unseen by us.
            try session.receive(venue.change("BUY", "0.41", "1", venueMillis + 3))
            #expect(try session.answer(cached.rest(venueMillis + 2)).brief.isEmpty && session["rest_book_refuted"] == 1)
            #expect(try session.answer(venue.rest(venueMillis + 3)).brief.count == 2)
        }
    }

    @Test func answerWhoseHashDisagrees_isRefuted_whereHashesAreRight() throws {
        for (arguments, isTaken) in [(["--verify", "all"], false), (["--verify", "sample"], false), (["--verify", "off"], true)] {
            let session = try opened(arguments)
            try spoil(session)
            var ghost = wire
            (ghost.bids, ghost.asks) = ([("0.02", "100")], [("0.99", "100")])
            #expect(try session.answer(ghost.rest(venueMillis + 2, hash: wire.hash(venueMillis + 2))).brief.isEmpty != isTaken)
            #expect(session["rest_book_refuted"] == (isTaken ? 0 : 1))
            // What stood in the unknown book stands there still: a hash that agrees takes it back.
            var venue = wire
            if !isTaken { #expect(try session.receive(venue.change("BUY", "0.41", "1", venueMillis + 3)).brief.count == 2) }
        }
    }

    @Test func answerOnWhereNoHashEverAgreed_isTaken() throws {
        let session = try Session(["--verify", "all"])
        try session.open()
        try session.receive(wire.frame(venueMillis, hash: Self.wrongHash))
        try spoil(session)
        #expect(try session.answer(wire.rest(venueMillis + 2, hash: Self.wrongHash)).brief.count == 2)
    }

    @Test func moreChangesThanAreKept_needANewerAnswer_andThenHelpAgain() throws {
        let session = try opened(["--verify", "off"])
        try spoil(session)
        var venue = wire
        for millis in 2...5000 {
            try session.receive(venue.change("BUY", "0.41", "\(millis)", venueMillis + Int64(millis), hash: ""))
        }
        #expect(try session.answer(wire.rest(venueMillis + 900)).brief.isEmpty)
        #expect(session["rest_book_too_old"] == 1)
        var answer = wire
        answer.set("BUY", "0.41", "4000")
        let lines = try session.answer(answer.rest(venueMillis + 4000)).brief
        #expect(lines.first?.contains("[0.41,5000]") == true)
    }

    @Test func tokenWithoutABook_orWithoutAConnection_getsNone() throws {
        let session = try Session()
        try session.open()
        #expect(try session.answer(wire.rest(venueMillis)).brief.isEmpty)
        try session.receive(wire.frame(venueMillis))
        try session.drop()
        #expect(try session.answer(wire.rest(venueMillis + 1)).brief.isEmpty)
        #expect(session.books.isEmpty)
    }

    @Test(arguments: [
        "{\"bids\":5", "{\"asks\":null", "{\"timestamp\":\"x\"", "{\"min_order_size\":\"-1\"", "{\"tick_size\":\"2\"", "{\"market\":\"\"",
        "{\"bids\":[{\"price\":\"0.1\",\"size\":\"1\"},{\"price\":\"0.1\",\"size\":\"2\"}]",
    ])
    func faultyBookAnswer_isCounted_andTheOthersOfAListAreTaken(start: String) throws {
        let key = start.dropFirst().prefix { $0 != ":" }
        let faulty = wire.rest(venueMillis + 2).replacing("\(key):", with: "\"was\":").replacing("{\"market\"", with: "{\"x\":0,\"market\"")
            .replacing("{\"was\"", with: "{\"x\":0,\"was\"")
        let session = try opened()
        try spoil(session)
        let other = WireBook.other(1)
        try session.answer("[\(start),\(faulty.dropFirst()),\(other.rest(venueMillis))]")
        #expect(session.rejects.count == 2)  // the change that spoiled the book, and this
        #expect(session.knownBook(wire.asset) == nil)
        try session.receive(other.frame(venueMillis + 1))
        #expect(session["hash_agreements"] == 3)
    }

    @Test(arguments: [
        ("", 1), ("{", 1), ("<html>", 1), ("null", 0), ("5", 0), ("[]", 0), ("{}", 0), ("[5,null,\"x\"]", 0), (#"{"error":"x"}"#, 0),
    ])
    func answerOfAnotherShape_isHarmless(body: String, rejects: Int) throws {
        let session = try opened()
        #expect(try session.answer(body).isEmpty)
        #expect(session.rejects.count == rejects)
    }

    @Test func statusOtherThan200_isCounted_andItsBodyNotRead() throws {
        let session = try opened()
        try spoil(session)
        for status in [404, 429, 500] as [Int64] { #expect(try session.answer(wire.rest(venueMillis + 2), status: status).isEmpty) }
        #expect(session["rest_status_404"] == 1 && session["rest_status_429"] == 1)
    }

    // MARK: Gamma

    private static let market = #"""
        {"id":"3","question":"Up?","conditionId":"0xc","slug":"up","endDate":"2026-09-25T00:00:00Z","clobTokenIds":"[\"1\", \"2\"]",
        "outcomes":"[\"Up\", \"Down\"]","orderMinSize":5,"orderPriceMinTickSize":0.001,"negRisk":false,"active":true,"closed":false,
        "feesEnabled":true,"feeSchedule":{"rate":0.07,"exponent":1,"takerOnly":true},"volume":"79945.98005599984"}
        """#

    /// What is told of the market's first token when its trade comes.
    private func told(_ body: String, path: String = "/markets") throws -> [String] {
        let session = try Session()
        try session.open()
        #expect(try session.answer(body, path: path).isEmpty)
        #expect(session.rejects.isEmpty)
        let trade = WireBook(market: "0xc", asset: "1").trade("0.5", "1", "BUY", venueMillis)
        return try session.receive(trade).instruments
    }

    private let expected =
        #"instrument 1 outcome="Up" question="Up?" slug="up" complement="2" state="open" tick_size=0.001 min_size=5 close_us=1790294400000000 fee={"model":"quadratic","taker_rate":0.07,"maker_rate":0,"exponent":1,"multiplier":1} neg_risk="none""#

    @Test func marketObject_listOrPage_tellsTheSame() throws {
        let market = Self.market
        for body in [market, "[\(market)]", "{\"data\":[\(market)],\"next_cursor\":\"LTE=\"}", "{\"markets\":[\(market)]}"] {
            #expect(try told(body) == [expected])
        }
        let lists = market.replacing(#""[\"1\", \"2\"]""#, with: #"["1","2"]"#).replacing(#""[\"Up\", \"Down\"]""#, with: #"["Up","Down"]"#)
        #expect(lists != market)
        #expect(try told(lists) == [expected])
    }

    @Test func event_givesItsSlugToItsMarkets() throws {
        let withEvent = expected.replacing(" slug=", with: " event=\"the-event\" slug=")
        #expect(try told("[{\"id\":\"9\",\"slug\":\"the-event\",\"markets\":[\(Self.market)]}]", path: "/events") == [withEvent])
        let own = Self.market.replacing("{\"id\"", with: #"{"events":[{"id":"9","slug":"the-event"}],"id""#)
        #expect(try told(own) == [withEvent])
    }

    @Test func oneBadMarket_doesNotDiscardTheOthers() throws {
        let session = try Session()
        try session.open()
        let bad = Self.market.replacing("0xc", with: "0xd").replacing("\"orderMinSize\":5", with: "\"orderMinSize\":-5")
        try session.answer("[\(bad),\(Self.market)]")
        #expect(session["skipped_rest_out_of_range_orderMinSize"] == 1)
        #expect(try session.receive(WireBook(market: "0xc", asset: "1").trade("0.5", "1", "BUY", 5)).instruments == [expected])
    }

    @Test func marketWhoseTokenWasTold_isToldAgainWithItsLabel() throws {
        let session = try Session()
        try session.open()
        let book = WireBook(market: "0xc", asset: "1")
        try session.receive(book.frame(venueMillis))
        let lines = try session.answer(Self.market)
        // The complement is news of the token before the other facts are.
        #expect(lines.instruments.last == expected.replacing("tick_size=0.001", with: "tick_size=0.01"))
        #expect(lines.last?.member("label") == "\"up/Up\"")
        #expect(try session.receive(book.frame(venueMillis + 1)).last?.member("label") == "\"up/Up\"")
    }
}

import MarketModel
import Testing

/// Whole fixtures, each frame with the events that a reader of the dossier expects of it.
@Suite(.enabled(if: Fixtures.areHere, Comment(rawValue: Fixtures.absence)))
struct PolymarketFixtureTests {
    private let oneOfEach = Fixtures.lines("ws-one-of-each-2026-08.ndjson").map { Fixtures.string("raw", of: $0) }
    private let odd = Fixtures.lines("ws-odd-cases-2026-05.ndjson")

    private func opened(_ arguments: [String] = []) throws -> Session {
        let session = try Session(arguments)
        try session.open()
        return session
    }

    // MARK: ws-frames-2026-09-24

    private let frames = Fixtures.lines("ws-frames-2026-09-24.ndjson").map {
        (number: Fixtures.string("frame", of: $0), raw: Fixtures.string("raw", of: $0))
    }

    @Test func capturedFrames_withoutBooks_giveQuotesAndCountTheChanges() throws {
        let session = try opened()
        #expect(frames.count == 33)
        var changes = 0
        for (number, raw) in frames {
            let lines = try session.receive(raw).brief
            if raw.hasSuffix("\"best_bid_ask\"}") {
                let (bid, ask) = (Fixtures.string("best_bid", of: raw), Fixtures.string("best_ask", of: raw))
                let token = Fixtures.string("asset_id", of: raw).prefix(8)
                let micros = Fixtures.string("timestamp", of: raw) + "000"
                #expect(lines == ["quote \(token) venue_us=\(micros) bid=[\(bid),null] ask=[\(ask),null]"], "frame \(number)")
            } else {
                changes += 1
                #expect(lines.isEmpty, "frame \(number)")
            }
        }
        #expect(changes == 17 && session["changes_before_book"] == 34)
        #expect(session["frames_price_change"] == 17 && session["frames_best_bid_ask"] == 16)
        #expect(session.rejects.isEmpty && session["status_drift"] == 0)
    }

    @Test func capturedChange_afterItsCapturedBook_isOneVerifiedDelta() throws {
        let session = try opened(["--verify", "all"])
        let dump = try session.receive(Fixtures.text("ws-initial-books-2026-09-24.json") + "\n")
        #expect(dump.brief.map { $0.split(separator: " ").first } == ["book_snapshot", "book_snapshot", "book_snapshot", "feed_status"])
        #expect(dump.brief.prefix(3).allSatisfy { $0.hasSuffix("reason=\"initial\" verified=true") })
        #expect(dump.brief.last == "feed_status state=\"live\"")
        #expect(
            dump.brief[line: 2].hasPrefix("book_snapshot 74866639 seq=1 venue_us=1790267321830000 bids=[[0.78,30],[0.77,80.1],[0.76,30],"))
        #expect(dump.brief[line: 2].contains(" asks=[[0.8,71.03],[0.81,27],[0.83,165.96],"))
        let six = try #require(frames.first { $0.number == "6" })
        #expect(
            try session.receive(six.raw).brief == [
                "book_delta 74866639 seq=2 venue_us=1790267381091000 bids=[] asks=[[0.87,183.78]] verified=true"
            ])
        #expect(session["changes_before_book"] == 1)
    }

    @Test func capturedPairs_onBooksOfThatMoment_changeBothMirrors() throws {
        // Books made to fit what frame 2 states, with hashes left out: the stream goes on from there.
        let session = try opened()
        let market = Fixtures.string("market", of: frames[0].raw)
        let tokens = [
            "18054759644013870900749170809345467324611742242067616964612696305379357034954",
            "35599907049186982879557420969598528789434547136942253652554709047485665633870",
        ]
        let bids = [("0.59", "5"), ("0.6", "9"), ("0.61", "7")]
        let asks = [("0.66", "8")]
        var yes = WireBook(market: market, asset: tokens[0], bids: bids, asks: asks)
        var no = WireBook(market: market, asset: tokens[1], bids: [("0.34", "8")], asks: [("0.41", "5"), ("0.4", "9"), ("0.39", "7")])
        try session.receive("[\(yes.frame(1_790_267_379_000, hash: "")),\(no.frame(1_790_267_379_000, hash: ""))]\n")
        var deltas: [String] = []
        for (_, raw) in frames where raw.contains(market) && raw.contains("price_changes") {
            deltas += try session.receive(raw).brief
            for entry in Fixtures.elements(CanonicalForm.members(raw).first { $0.key == "price_changes" }?.value ?? "") {
                let change = { (key: String) in Fixtures.string(key, of: entry) }
                if change("asset_id") == tokens[0] {
                    yes.set(change("side"), change("price"), change("size"))
                } else {
                    no.set(change("side"), change("price"), change("size"))
                }
            }
        }
        #expect(deltas.count == 20 && deltas.allSatisfy { $0.hasPrefix("book_delta ") })
        #expect(deltas[line: 0] == "book_delta 18054759 seq=2 venue_us=1790267379229000 bids=[[0.6,0]] asks=[]")
        #expect(deltas[line: 1] == "book_delta 35599907 seq=2 venue_us=1790267379229000 bids=[] asks=[[0.4,0]]")
        #expect(deltas[line: 2] == "book_delta 18054759 seq=3 venue_us=1790267379253000 bids=[[0.62,65.75]] asks=[]")
        for wire in [yes, no] {
            let book = try #require(session.knownBook(wire.asset))
            #expect(book.bids.levels.map(\.price.millionths) == wire.bids.map { Int64((Double($0.0)! * 1e6).rounded()) })
            #expect(book.asks.levels.map(\.price.millionths) == wire.asks.map { Int64((Double($0.0)! * 1e6).rounded()) })
        }
        #expect(session["gaps"] == 0 && session["best_price_disagreements"] == 0)
    }

    // MARK: ws-one-of-each-2026-08

    @Test func bookFrame_isASnapshot() throws {
        let session = try opened(["--verify", "off"])
        #expect(
            try session.receive(oneOfEach[0]) == [
                #"{"v":1,"type":"instrument","feed":"pm","venue":"polymarket","market":"0x5dacb3919e3eb6372770cba85c42e0f980ddf18b1a767751de700ee272269233","instrument":"63691357964355397861776339416833450653158434687925250159757815624217137833471","conn":1,"recv_us":1790000000002000,"tick_size":0.001}"#,
                #"{"v":1,"type":"book_snapshot","feed":"pm","venue":"polymarket","market":"0x5dacb3919e3eb6372770cba85c42e0f980ddf18b1a767751de700ee272269233","instrument":"63691357964355397861776339416833450653158434687925250159757815624217137833471","conn":1,"seq":1,"recv_us":1790000000002000,"venue_us":1786728432337000,"bids":[[0.004,100],[0.001,2200.8]],"asks":[[0.009,25],[0.999,50]],"reason":"initial"}"#,
                #"{"v":1,"type":"feed_status","feed":"pm","venue":"polymarket","conn":1,"recv_us":1790000000002000,"state":"live"}"#,
            ])
    }

    @Test func otherFrames_giveTheirEvents() throws {
        let session = try opened(["--verify", "off"])
        #expect(try session.receive(oneOfEach[1]).isEmpty)
        #expect(
            try session.receive(oneOfEach[2]).brief == [
                "trade 72710166 venue_us=1786728467101000 price=0.585 size=2.46 aggressor_side=\"sell\" tx=\"0x6c83cdd2cd59f46a116824aecc9d9b05fc58af1a8f9cfdf09033f5cdb77e0dcf\""
            ])
        #expect(try session.receive(oneOfEach[3]).brief == ["quote 72710166 venue_us=1786728467006000 bid=[0.585,null] ask=[0.587,null]"])
        #expect(try session.receive(oneOfEach[4]).instruments == ["instrument 658186 tick_size=0.001"])
        #expect(
            try session.receive(oneOfEach[5]).map(\.brief) == [
                "instrument 7604307 complement=\"3169093\" state=\"determined\"",
                "market_status 7604307 venue_us=1766790415550000 state=\"determined\" reason=\"market_resolved\"",
                "resolution 7604307 venue_us=1766790415550000 settlement_price=1 outcome_won=true",
                "instrument 3169093 complement=\"7604307\" state=\"determined\"",
                "market_status 3169093 venue_us=1766790415550000 state=\"determined\" reason=\"market_resolved\"",
                "resolution 3169093 venue_us=1766790415550000 settlement_price=0 outcome_won=false",
            ])
        #expect(session.rejects.isEmpty && session["status_drift"] == 0)
    }

    // MARK: ws-odd-cases-2026-05

    @Test func neverTradedBookAndRefresh_areSnapshots() throws {
        let session = try opened()
        #expect(
            try session.receive(odd[0]).brief == [
                "book_snapshot 50004092 seq=1 venue_us=1778480069765000 bids=[[0.59,15.25],[0.01,505]] asks=[[0.99,2501]] reason=\"initial\"",
                "feed_status state=\"live\"",
            ])
        #expect(
            try session.receive(odd[1]).brief == [
                "book_snapshot 50004092 seq=2 venue_us=1778480069765000 bids=[[0.6,100]] asks=[[0.98,200]] reason=\"refresh\"",
                "book_snapshot 11459891 seq=1 venue_us=1778464937192000 bids=[[0.45,50]] asks=[[0.94,11.53]] reason=\"initial\"",
            ])
    }

    @Test func severalChangesOfOneToken_areOneDelta() throws {
        let session = try opened(["--verify", "off"])
        let book = WireBook(
            market: Fixtures.string("market", of: odd[2]),
            asset: "32029059041121237772501910512051792285371148723936508019755582547379001566932",
            bids: [("0.05", "1"), ("0.99", "4")], asks: [])
        try session.receive(book.frame(1_778_480_000_000))
        #expect(try session.receive(odd[2]).brief == ["book_delta 32029059 seq=2 venue_us=1778480999942000 bids=[[0.05,2849.22]] asks=[]"])
        #expect(try session.receive(odd[3]).brief == ["book_delta 32029059 seq=3 venue_us=1778481000000000 bids=[[0.05,0]] asks=[]"])
        let lines = try session.receive(odd[4]).brief
        #expect(lines == ["book_delta 32029059 seq=4 venue_us=1778481001000000 bids=[[0.06,120]] asks=[[0.07,80]]"])
        // "1" stands for an empty side, and the book has an ask at 0.07 now: the edited sample contradicts itself, which is suspicion.
        #expect(session["best_price_disagreements"] == 1 && session["gaps"] == 0)
    }

    @Test func quotesTradesTickAndAnnouncements_areTold() throws {
        let session = try opened()
        #expect(try session.receive(odd[5]).brief == ["quote 10287264 venue_us=1778480999944000 bid=[0.48,null] ask=[0.51,null]"])
        #expect(try session.receive(odd[6]).brief == ["quote 10287264 venue_us=1778480999945000 bid=null ask=null"])
        #expect(
            try session.receive(odd[7]).brief == [
                "trade 50004092 venue_us=1778480999940000 price=0.6 size=100 aggressor_side=\"buy\" tx=\"abc123def456\""
            ])
        #expect(
            try session.receive(odd[8]).brief == [
                "trade 50004092 venue_us=1778480999950000 price=0.61 size=25 aggressor_side=\"sell\" tx=\"def456abc123\""
            ])
        #expect(try session.receive(odd[11]).instruments == ["instrument 50004092 tick_size=0.001"])
        let nvidia = try session.receive(odd[12])
        #expect(nvidia.instruments.count == 2 && nvidia.count == 2)
        #expect(
            nvidia[line: 0].brief
                == #"instrument 76043073 outcome="Yes" question="Will NVIDIA (NVDA) close above $240 end of January?" event="nvda-above-in-january-2026" slug="nvda-above-240-on-january-30-2026" complement="31690934263385727664202099278545688007799199447969475608906331829650099442770" state="open" tick_size=0.01 fee={"model":"quadratic","taker_rate":0.07,"maker_rate":0,"exponent":1,"multiplier":1}"#
        )
        #expect(nvidia[line: 0].member("label") == "\"nvda-above-240-on-january-30-2026/Yes\"")
        let resolved = try session.receive(odd[13]).brief
        #expect(
            resolved.count == 4 && resolved[line: 1] == "resolution 76043073 venue_us=1766790415550000 settlement_price=1 outcome_won=true")
        #expect(session.rejects.isEmpty)
    }

    @Test func sportsShapes_areUnknownNotFatal() throws {
        let session = try opened()
        for frame in odd[9...10] { #expect(try session.receive(frame).brief.allSatisfy { $0.hasPrefix("feed_status state=\"drift\"") }) }
        #expect(session["unknown_type"] == 2)
    }

    // MARK: ws-new-market-2026-07-28

    @Test func newMarket_isTwoInstruments() throws {
        let session = try opened()
        let text = Fixtures.text("ws-new-market-2026-07-28.json")
        let lines = try session.receive(text)
        let slug = "will-donald-trump-publicly-insult-someone-on-august-8-2026-20260724221849639"
        let common =
            #"question="Will Donald Trump publicly insult someone on August 8, 2026?" event="will-trump-publicly-insult-someone-onptptpt-20260724221849631" slug="\#(slug)""#
        let fee = #"fee={"model":"quadratic","taker_rate":0.04,"maker_rate":0,"exponent":1,"multiplier":1}"#
        #expect(
            lines.map(\.brief) == [
                #"instrument 99901802 outcome="Yes" \#(common) complement="98649211654338217771624670333812035926235929027089443285580073469767839884106" state="unopened" tick_size=0.01 \#(fee)"#,
                #"instrument 98649211 outcome="No" \#(common) complement="99901802440919510774019623307334385262052427535446190727648603201419587550002" state="unopened" tick_size=0.01 \#(fee)"#,
            ])
        #expect(try session.receive(text).isEmpty && session["repeated_new_market"] == 1)
        #expect(session.rejects.isEmpty && session["status_drift"] == 0)
    }
}

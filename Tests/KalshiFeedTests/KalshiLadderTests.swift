import MarketModel
import Testing

@testable import kalshi_feed

@Suite struct KalshiLadderTests {
    @Test func yesAsks_comeFromNoBids_andTheTwoLaddersAreNotTheSameBook() throws {
        // §7.4
        let session = try Session()
        let lines = try session.receive(
            snapshot("A", seq: 1, yes: [("0.2700", "31.54"), ("0.1100", "97.22")], no: [("0.7000", "11.00"), ("0.7200", "20.00")])
        ).brief
        #expect(
            lines.first
                == "book_snapshot instrument=A conn=1 seq=1 bids=[[0.27,31.54],[0.11,97.22]] asks=[[0.28,20],[0.3,11]] reason=initial")
    }

    @Test func useYesPrice_isNotComplementedTwice() throws {
        // §7.5
        let session = try Session()
        try session.open()
        try session.send(subscribe(["A"], usesYesPrice: true))
        try session.receive(subscribed("orderbook_delta", sid: 1))
        #expect(
            try session.receive(snapshot("A", seq: 1, yes: [("0.2700", "31.54")], no: [("0.3000", "11.00"), ("0.2800", "20.00")])).brief
                .first
                == "book_snapshot instrument=A conn=1 seq=1 bids=[[0.27,31.54]] asks=[[0.28,20],[0.3,11]] reason=initial")
        #expect(
            try session.receive(delta("A", seq: 2, "no", "0.2900", "5.00")).brief
                == ["book_delta instrument=A conn=1 seq=2 bids=[] asks=[[0.29,5]]"])
    }

    @Test func ownPrices_areComplementedOnceInDeltas() throws {
        let session = try Session()
        try session.receive(snapshot("A", seq: 1, no: [("0.7000", "11.00")]))
        #expect(
            try session.receive(delta("A", seq: 2, "no", "0.9600", "2.00")).brief
                == ["book_delta instrument=A conn=1 seq=2 bids=[] asks=[[0.04,2]]"])
        #expect(
            try session.receive(delta("A", seq: 3, "no", "0.7000", "-11.00")).brief
                == ["book_delta instrument=A conn=1 seq=3 bids=[] asks=[[0.3,0]]"])
    }

    @Test(
        arguments: [
            ([500_000, 600_000], false), ([600_000, 500_000, 400_000], true), ([500_000], nil), ([], nil),
            ([500_000, 600_000, 550_000], nil),
            ([500_000, 500_000], nil),
        ] as [([Int64], Bool?)])
    func modeIsToldByStrictOrderAlone(_ prices: [Int64], _ expected: Bool?) {
        #expect(KalshiLadder.usesYesPrice(inOrderOf: prices.map { Level($0, 1) }) == expected)
    }

    @Test func modeThatNobodySaid_isSeenFromADescendingNoList() throws {
        let session = try Session()
        let lines = try session.receive(snapshot("A", seq: 1, no: [("0.4000", "1.00"), ("0.3000", "2.00")])).brief
        #expect(lines.first == "book_snapshot instrument=A conn=1 seq=1 bids=[] asks=[[0.3,2],[0.4,1]] reason=initial")
        #expect(
            try session.receive(delta("A", seq: 2, "no", "0.3500", "1.00")).brief == [
                "book_delta instrument=A conn=1 seq=2 bids=[] asks=[[0.35,1]]"
            ])
    }

    @Test func booksShownUnderTheWrongMode_becomeUnknown_whenTheModeShows() throws {
        let session = try Session()
        try session.receive(snapshot("A", seq: 1, no: [("0.4000", "1.00")]))
        try session.receive(snapshot("B", seq: 2, yes: [("0.4000", "1.00")]))
        let lines = try session.receive(snapshot("C", seq: 3, no: [("0.4000", "1.00"), ("0.3000", "2.00")])).brief
        #expect(
            lines.first
                == #"feed_status conn=1 state=gap reason=NO prices are YES prices since_us=\#(session.now - 1000) instruments=["A"]"#)
        #expect(lines.last == "book_snapshot instrument=C conn=1 seq=1 bids=[] asks=[[0.3,2],[0.4,1]] reason=initial")
    }

    @Test func snapshotThatContradictsTheMode_isRefused() throws {
        let session = try Session()
        try session.open()
        try session.send(subscribe(["A", "B"]))
        try session.receive(subscribed("orderbook_delta", sid: 1))
        try session.receive(snapshot("A", seq: 1, no: [("0.3000", "1.00"), ("0.4000", "2.00")]))
        let lines = try session.receive(snapshot("A", seq: 2, no: [("0.4000", "1.00"), ("0.3000", "2.00")])).brief
        #expect(
            lines == [
                "feed_status conn=1 state=drift reason=the order of a NO ladder contradicts use_yes_price instruments=[]",
                #"feed_status conn=1 state=gap reason=NO ladder contradicts use_yes_price since_us=\#(session.now - 1000) instruments=["A"]"#,
            ])
        #expect(try session.receive(snapshot("B", seq: 3, no: [("0.4000", "1.00"), ("0.3000", "2.00")])).brief == [])
        #expect(session["skipped_price_mode"] == 2)
    }

    @Test func commandWithoutUseYesPrice_isReadByOrderToo() throws {
        let session = try Session()
        try session.open()
        try session.send(subscribe(["A"], usesYesPrice: nil))
        try session.receive(subscribed("orderbook_delta", sid: 1))
        let lines = try session.receive(snapshot("A", seq: 1, no: [("0.4000", "1.00"), ("0.3000", "2.00")])).brief
        #expect(lines.first?.contains("asks=[[0.3,2],[0.4,1]]") == true)
    }

    @Test func firstCommandOfASid_decidesItsMode() throws {
        let session = try Session()
        try session.open()
        try session.send(subscribe(["A"], id: 1, usesYesPrice: true))
        try session.send(subscribe(["B"], id: 2, usesYesPrice: false))
        try session.receive(subscribed("orderbook_delta", sid: 1, id: 1))
        try session.receive(#"{"type":"ok","id":2,"sid":1,"seq":1,"msg":{"market_tickers":["A","B"]}}"#)
        #expect(try session.receive(snapshot("B", seq: 2, no: [("0.4000", "1.00")])).brief.first?.contains("asks=[[0.4,1]]") == true)
    }

    /// A naive model: two dictionaries of own-leg levels, the book made of them anew each time.
    @Test(arguments: [false, true], [1, 2, 3, 4, 5] as [UInt64])
    func randomChanges_giveTheBookOfANaiveModel(_ usesYesPrice: Bool, _ seed: UInt64) throws {
        var random = SeededGenerator(seed)
        var (yes, no): ([Int64: Int64], [Int64: Int64]) = ([:], [:])
        var book = OrderBook()
        let ladder = KalshiLadder(usesYesPrice: usesYesPrice)
        func level(_ entry: (Int64, Int64)) -> Level { Level(entry.0 * 10_000, entry.1 * 10_000) }
        for step in 0..<4000 {
            if step % 500 == 0 {
                let own = no.map { level(($0.key, $0.value)) }
                var wire = own.map { Level(price: usesYesPrice ? $0.price.complement : $0.price, size: $0.size) }
                #expect(ladder.replace(&book, yes: yes.map { level(($0.key, $0.value)) }, no: &wire))
            }
            let leg: KalshiLeg = Bool.random(using: &random) ? .yes : .no
            let cents = Int64.random(in: 0...100, using: &random)
            let before = (leg == .yes ? yes : no)[cents, default: 0]
            let change = Bool.random(using: &random) ? Int64.random(in: -before...500, using: &random) : -before
            let wirePrice = leg == .no && usesYesPrice ? 100 - cents : cents
            let nothing = KalshiMessage.ticker(of: .init(base: ("" as StaticString).utf8Start, count: 0))
            #expect(nothing == nil)
            let wire = KalshiDelta(
                ticker: .init(base: ("A" as StaticString).utf8Start, count: 1), leg: leg, price: Price(millionths: wirePrice * 10_000),
                change: change * 10_000, time: nil)
            let told = try #require(ladder.apply(wire, to: &book))
            #expect(told.side == (leg == .yes ? .bid : .ask))
            #expect(told.level == level((leg == .yes ? cents : 100 - cents, before + change)))
            let after = before + change == 0 ? nil : before + change
            if leg == .yes { yes[cents] = after } else { no[cents] = after }
            #expect(Set(book.bids.levels) == Set(yes.map { level(($0.key, $0.value)) }))
            #expect(Set(book.asks.levels) == Set(no.map { level((100 - $0.key, $0.value)) }))
        }
    }

    @Test func lessThanNothing_isRefusedAndChangesNothing() {
        var book = OrderBook()
        book.replace(bids: [Level(300_000, 5_000_000)], asks: [])
        let before = book
        let ticker = KalshiDelta(
            ticker: .init(base: ("A" as StaticString).utf8Start, count: 1), leg: .yes, price: Price(millionths: 300_000),
            change: -5_000_001,
            time: nil)
        #expect(KalshiLadder(usesYesPrice: false).apply(ticker, to: &book) == nil)
        #expect(book == before)
    }
}

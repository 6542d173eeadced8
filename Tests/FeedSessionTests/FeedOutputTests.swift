import FeedSession
import MarketModel
import Testing

/// What of the events is shown, and how it is numbered.
@Suite struct FeedOutputTests {
    private let at = Timestamp(micros: 5)

    private func book(_ paper: Paper, _ bids: [Level], _ asks: [Level]) { paper.venue.instrument.book.replace(bids: bids, asks: asks) }

    private func snapshot(_ paper: Paper, _ reason: FeedOutput.SnapshotReason = .refresh) throws {
        try paper.output.snapshot(paper.venue.instrument, reason: reason, received: at, venueTime: nil, isVerified: false)
    }

    @Test func instrument_isToldBeforeItsFirstLine_andOnChangeOnly() throws {
        let paper = try Paper()
        let instrument = paper.venue.instrument
        try snapshot(paper)
        try snapshot(paper)
        #expect(try paper.lines().map { $0.prefix(10) } == ["instrument", "book_snaps", "book_snaps"])
        instrument.facts.tickSize = Price(millionths: 10_000)
        try paper.output.announce(instrument, at: at)
        try paper.output.announce(instrument, at: at)
        #expect(try paper.lines() == [#"instrument,"recv_us":5,"tick_size":0.01}"#])
        instrument.setLabel("slug/Yes")
        try snapshot(paper)
        #expect(try paper.lines().map { $0.contains("\"label\":\"slug/Yes\"") } == [true, true])
        #expect(paper.output.isAnnounced(instrument))
    }

    @Test func hiddenInstrument_isNeverShown() throws {
        let paper = try Paper(["--quotes"])
        let instrument = paper.venue.instrument
        instrument.isShown = false
        try snapshot(paper)
        try paper.output.announce(instrument, at: at)
        try paper.output.delta(instrument, bids: [], asks: [], received: at, venueTime: nil, isVerified: false)
        try paper.output.trade(
            instrument, Trade(price: .one, size: Size(millionths: 1), aggressor: .buy), conn: 1, received: at, venueTime: nil)
        try paper.output.quote(instrument, bid: nil, ask: nil, conn: 1, received: at, venueTime: nil)
        try paper.output.marketStatus(instrument, .closed, reason: nil, conn: 1, received: at, venueTime: nil)
        try paper.output.resolution(instrument, settlementPrice: .one, hasWon: nil, conn: 1, received: at, venueTime: nil)
        #expect(try paper.lines().isEmpty)
        instrument.isShown = true
        try snapshot(paper)
        #expect(try paper.lines()[1].contains("\"seq\":1,"))
    }

    @Test func seq_runsOnOverConnections() throws {
        let paper = try Paper()
        try paper.open(1, 0)
        try paper.receive("book 500000 1000000", 1)
        try paper.drop(1, 2)
        try paper.open(2, 3)
        try paper.receive("book 500000 1000000", conn: 2, 4)
        let seqs = try paper.lines().compactMap { $0.split(separator: "\"seq\":").dropFirst().first?.prefix { $0.isNumber } }
        #expect(seqs == ["1", "2"])
    }

    @Test func depth_cutsSnapshotsNotTheBook() throws {
        let paper = try Paper(["--depth", "1"])
        book(paper, [Level(100_000, 1_000_000), Level(200_000, 2_000_000)], [Level(300_000, 1_000_000), Level(400_000, 1_000_000)])
        try snapshot(paper)
        #expect(try paper.lines()[1].contains(#""bids":[[0.2,2]],"asks":[[0.3,1]]"#))
        #expect(paper.venue.instrument.book.bids.levels.count == 2)
    }

    @Test func quotes_comeWhenTheTopChanges_andOnlyThen() throws {
        let paper = try Paper(["--quotes"])
        let instrument = paper.venue.instrument
        func change(_ level: Level) throws -> [String] {
            instrument.book.set(.bid, level)
            try paper.output.delta(instrument, bids: [level], asks: [], received: at, venueTime: Timestamp(micros: 4), isVerified: false)
            return try paper.lines().filter { $0.hasPrefix("quote") }
        }
        book(paper, [Level(200_000, 2_000_000)], [])
        try snapshot(paper)
        #expect(try paper.lines().last == #"quote,"recv_us":5,"bid":[0.2,2],"ask":null}"#)
        try snapshot(paper)
        #expect(try paper.lines().count == 1)
        #expect(try change(Level(100_000, 7_000_000)).isEmpty)
        #expect(try change(Level(200_000, 3_000_000)) == [#"quote,"recv_us":5,"venue_us":4,"bid":[0.2,3],"ask":null}"#])
        #expect(try change(Level(200_000, 0)) == [#"quote,"recv_us":5,"venue_us":4,"bid":[0.1,7],"ask":null}"#])
        #expect(try change(Level(100_000, 0)) == [#"quote,"recv_us":5,"venue_us":4,"bid":null,"ask":null}"#])
    }

    @Test func withoutQuotes_noneAreDerived_butTheVenuesAreTold() throws {
        let paper = try Paper()
        book(paper, [Level(200_000, 2_000_000)], [])
        try snapshot(paper)
        try paper.output.quote(
            paper.venue.instrument, bid: Quote(price: Price(millionths: 1), size: nil), ask: nil, conn: 2, received: at, venueTime: nil)
        #expect(try paper.lines().filter { $0.hasPrefix("quote") } == [#"quote,"conn":2,"recv_us":5,"bid":[0.000001,null],"ask":null}"#])
    }

    /// One of each kind, as the options let it through.
    private func shown(_ arguments: [String]) throws -> [String] {
        let paper = try Paper(arguments)
        let instrument = paper.venue.instrument
        try snapshot(paper)
        try paper.output.delta(instrument, bids: [], asks: [], received: at, venueTime: nil, isVerified: true)
        try paper.output.trade(
            instrument, Trade(price: .one, size: Size(millionths: 1), aggressor: .sell), conn: 1, received: at, venueTime: nil)
        try paper.output.quote(instrument, bid: nil, ask: nil, conn: 1, received: at, venueTime: nil)
        try paper.output.marketStatus(instrument, .closed, reason: nil, conn: 1, received: at, venueTime: nil)
        try paper.output.resolution(instrument, settlementPrice: .one, hasWon: true, conn: 1, received: at, venueTime: nil)
        try paper.output.ticker(
            instrument, Ticker(lastPrice: .one, volume: nil, openInterest: nil, bid: nil, ask: nil), conn: 1, received: at, venueTime: nil)
        try paper.output.status(FeedStatus(.gap, conn: 1), at: at)
        return try paper.lines().map { String($0.prefix { $0 != "," && $0 != "\"" }) }
    }

    @Test func booksOnlyAndTradesOnly_leaveOutTheRest_neverTheFeedsOwnWord() throws {
        #expect(
            try shown([]) == [
                "instrument", "book_snapshot", "book_delta", "trade", "quote", "market_status", "resolution", "ticker", "feed_status",
            ])
        #expect(try shown(["--books-only"]) == ["instrument", "book_snapshot", "book_delta", "feed_status"])
        #expect(try shown(["--trades-only"]) == ["instrument", "trade", "feed_status"])
        #expect(try shown(["--trades-only", "--quotes"]) == ["instrument", "trade", "feed_status"])
        #expect(try shown(["--books-only", "--quotes"]) == ["instrument", "book_snapshot", "quote", "book_delta", "feed_status"])
        #expect(throws: (any Error).self) { try Paper(["--books-only", "--trades-only"]) }
    }

    @Test func name_isTheFeedOfEveryLine() throws {
        let paper = try Paper(["--name", "a\"b"])
        try snapshot(paper)
        try paper.output.status(FeedStatus(.live), at: at)
        #expect(try paper.lines().allSatisfy { $0.contains(#""feed":"a\"b""#) })
        #expect(paper.output.settings.tool == "pp-feed")
    }

    @Test func drift_isToldOnceEach_withoutTouchingABook_andBounded() throws {
        let paper = try Paper()
        for _ in 0..<3 { try paper.output.drift("x", conn: 1, at: at) }
        #expect(try paper.lines() == [#"feed_status,"conn":1,"recv_us":5,"state":"drift","reason":"x","instruments":[]}"#])
        for number in 0..<3000 { try paper.output.drift("kind \(number)", conn: nil, at: at) }
        #expect(try paper.lines().count == 999)
    }

    @Test func status_hasTheContractsKeysInOrder() throws {
        let paper = try Paper()
        try paper.output.status(
            FeedStatus(.gap, conn: 2, reason: "a\nb", since: Timestamp(micros: 1), instruments: ["x", "y"], expectedSeq: 3, gotSeq: 4),
            at: at)
        #expect(
            try paper.lines() == [
                #"feed_status,"conn":2,"recv_us":5,"state":"gap","reason":"a\nb","since_us":1,"instruments":["x","y"],"expected_seq":3,"got_seq":4}"#
            ])
    }

    @Test func limit_endsTheOutputExactly() throws {
        let paper = try Paper(["--limit", "3"])
        for _ in 0..<5 { try snapshot(paper) }
        #expect(paper.output.isFull)
        #expect(try paper.lines().count == 3)
    }

    @Test func tradeAndTicker_leaveOutWhatIsNotTold() throws {
        let paper = try Paper()
        let instrument = paper.venue.instrument
        let trade = Trade(price: Price(millionths: 984_000), size: Size(millionths: 148_780_000), aggressor: .unknown)
        try paper.output.trade(instrument, trade, conn: 1, received: at, venueTime: Timestamp(micros: 4))
        let ticker = Ticker(lastPrice: nil, volume: Size(millionths: 5), openInterest: nil, bid: Quote(price: .one, size: .zero), ask: nil)
        try paper.output.ticker(instrument, ticker, conn: 1, received: at, venueTime: nil)
        #expect(
            try paper.lines().dropFirst() == [
                #"trade,"conn":1,"recv_us":5,"venue_us":4,"price":0.984,"size":148.78,"aggressor_side":"unknown"}"#,
                #"ticker,"conn":1,"recv_us":5,"volume":0.000005,"bid":[1,0],"ask":null}"#,
            ])
    }
}

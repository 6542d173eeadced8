import Testing

@testable import kalshi_feed

@Suite struct KalshiSequencerTests {
    typealias Verdict = KalshiSequencer.Verdict

    @Test(
        arguments: [
            ([1, 2, 3], [Verdict.anchor, .next, .next]),
            ([76182, 76183], [.anchor, .next]),
            ([5, 7, 8], [.anchor, .hole(expected: 6), .next]),
            ([5, 9, 6], [.anchor, .hole(expected: 6), .repetition(last: 9)]),
            ([5, 5], [.anchor, .repetition(last: 5)]),
            ([5, 4, 6], [.anchor, .repetition(last: 5), .next]),
            ([0, 1], [.anchor, .next]),
            ([4_294_967_295, 4_294_967_296], [.anchor, .next]),
            ([UInt64(Int64.max), UInt64(Int64.max) + 1], [.anchor, .next]),
            ([UInt64.max - 1, UInt64.max, UInt64.max, 0], [.anchor, .next, .repetition(last: .max), .repetition(last: .max)]),
        ] as [([UInt64], [KalshiSequencer.Verdict])])
    func numbersAreJudged_byTheVenuesRules(_ numbers: [UInt64], _ verdicts: [Verdict]) {
        var sequencer = KalshiSequencer()
        #expect(numbers.map { sequencer.take($0) } == verdicts)
    }

    @Test func repetition_doesNotMoveTheCount() {
        var sequencer = KalshiSequencer()
        for number in [10, 11, 3, 11] as [UInt64] { _ = sequencer.take(number) }
        #expect(sequencer.last == 11)
    }

    // MARK: Through the feed

    @Test func tradesAndBooks_countApart() throws {
        // §7.6: one client counted 219 false gaps by mixing the two.
        let session = try Session()
        try session.open()
        try session.receive(subscribed("orderbook_delta", sid: 1))
        try session.receive(subscribed("trade", sid: 2))
        for seq in 1...3 as ClosedRange<UInt64> {
            try session.receive(snapshot("A-\(seq)", seq: seq))
            let lines = try session.receive(trade("A-1", seq: seq + 500, more: #","taker_side":"yes""#)).brief
            #expect(lines.allSatisfy { $0.hasPrefix("trade ") } && lines.count == 1)
        }
        #expect(session["sequence_holes"] == 0)
    }

    @Test(arguments: [
        #"{"type":"ok","id":2,"sid":1,"seq":2,"msg":{"market_tickers":["A"]}}"#,
        #"{"type":"ok","id":2,"sid":1,"seq":2,"msg":{}}"#,
        #"{"type":"ok","id":2,"sid":1,"seq":2,"market_tickers":["A"]}"#,
        #"{"type":"error","sid":1,"seq":2,"msg":{"code":13,"msg":"Unsupported action"}}"#,
        #"{"type":"error","sid":1,"seq":2,"msg":{"code":4711}}"#,
        #"{"type":"some_future_type","sid":1,"seq":2,"msg":{"x":1}}"#,
        #"{"type":"orderbook_delta","sid":1,"seq":2,"msg":{"market_ticker":"B","price_dollars":"x"}}"#,
        #"{"msg":{"x":[1,{"y":null}]},"seq":2,"sid":1,"type":"some_future_type"}"#,
    ])
    func everyFrameWithASequence_usesOneUp(_ frame: String) throws {
        // §7.7: ok, error and unknown types count; so do malformed messages in a readable envelope.
        let session = try Session()
        try session.open()
        try session.receive(subscribed("orderbook_delta", sid: 1))
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "5.00")]))
        try session.receive(frame)
        let lines = try session.receive(delta("A", seq: 3, "yes", "0.3000", "1.00")).brief
        #expect(lines == ["book_delta instrument=A conn=1 seq=2 bids=[[0.3,6]] asks=[]"])
    }

    @Test func hole_makesEveryBookOfTheSubscriptionUnknown_andIsToldOnce() throws {
        // §7.8: a real gap, then get_snapshot, then fresh books; a snapshot does not mask a gap.
        let session = try Session()
        try session.open()
        try session.send(subscribe(["A", "B"]))
        try session.receive(subscribed("orderbook_delta", sid: 1))
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "5.00")]))
        #expect(try session.receive(snapshot("B", seq: 2)).brief.last == "feed_status conn=1 state=live")
        let since = session.now
        #expect(
            try session.receive(delta("A", seq: 5, "yes", "0.3000", "1.00")).brief == [
                "feed_status conn=1 state=gap reason=sequence since_us=\(since) expected_seq=3 got_seq=5"
            ])
        #expect(try session.receive(delta("B", seq: 6, "yes", "0.3000", "1.00")).brief == [])
        #expect(session["delta_of_unknown_book"] == 2)
        #expect(
            try session.send(#"{"id":2,"cmd":"update_subscription","params":{"sid":1,"action":"get_snapshot","market_tickers":["A","B"]}}"#)
                .brief == [#"feed_status conn=1 state=resyncing instruments=["A","B"]"#])
        #expect(
            try session.receive(snapshot("A", seq: 7, yes: [("0.3000", "6.00")], id: 2)).brief == [
                "book_snapshot instrument=A conn=1 seq=2 bids=[[0.3,6]] asks=[] reason=resync"
            ])
        #expect(
            try session.receive(snapshot("B", seq: 9, id: 2)).brief == [
                "feed_status conn=1 state=gap reason=sequence since_us=\(session.now - 1000) expected_seq=8 got_seq=9",
                "book_snapshot instrument=B conn=1 seq=2 bids=[] asks=[] reason=resync",
            ])
        #expect(
            try session.receive(snapshot("A", seq: 10)).brief == [
                "book_snapshot instrument=A conn=1 seq=3 bids=[] asks=[] reason=resync", "feed_status conn=1 state=live",
            ])
    }

    @Test func holeInTrades_touchesNoBook() throws {
        let session = try Session()
        try session.open()
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "5.00")]))
        try session.receive(trade("A", seq: 1))
        let lines = try session.receive(trade("A", seq: 3, more: #","taker_side":"no""#)).brief
        #expect(
            lines == [
                "feed_status conn=1 state=gap reason=sequence of trade since_us=\(session.now - 1000) instruments=[] expected_seq=2 got_seq=3",
                "trade instrument=A conn=1 price=0.36 size=2 aggressor_side=sell trade_id=t-3",
            ])
        #expect(try session.receive(delta("A", seq: 2, "yes", "0.3000", "1.00")).brief.count == 1)
    }

    @Test func holeOfAChannelThatIsNotShown_isCountedOnly() throws {
        let session = try Session(["--channels", "book"])
        try session.open()
        try session.receive(trade("A", seq: 1))
        #expect(try session.receive(trade("A", seq: 3)).brief == [])
        #expect(session["sequence_holes"] == 1)
        #expect(session["unwanted_trade"] == 2)
    }

    @Test func repeatedFrame_isNeverAppliedTwice_andIsKept() throws {
        let session = try Session(rejects: true)
        try session.open()
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "5.00")]))
        let frame = delta("A", seq: 2, "yes", "0.3000", "1.00")
        #expect(try session.receive(frame).brief == ["book_delta instrument=A conn=1 seq=2 bids=[[0.3,6]] asks=[]"])
        #expect(try session.receive(frame).brief == [])
        #expect(try session.receive(snapshot("A", seq: 1)).brief == [])
        #expect(
            try session.receive(delta("A", seq: 3, "yes", "0.3000", "1.00")).brief == [
                "book_delta instrument=A conn=1 seq=3 bids=[[0.3,7]] asks=[]"
            ])
        #expect(session["duplicate_seq"] == 2)
        #expect(session.rejects().count == 2)
    }

    @Test func duplicate_isNoFaultUnderStrict() throws {
        let session = try Session(["--strict"])
        try session.receive(snapshot("A", seq: 1))
        try session.receive(snapshot("A", seq: 1))
        #expect(session["duplicate_seq"] == 1)
    }

    @Test func newConnection_startsOver_withTheSameSidsAndNumbers() throws {
        // §7.19: sids and seqs from 1 again are no regression.
        let session = try Session()
        try session.open(1)
        try session.receive(snapshot("A", seq: 1))
        try session.receive(snapshot("A", seq: 2))
        #expect(try session.close(1).brief == ["feed_status conn=1 state=disconnected reason=close 1006 since_us=\(session.now - 1000)"])
        try session.open(2)
        #expect(
            try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "5.00")]), conn: 2).brief.first
                == "book_snapshot instrument=A conn=2 seq=3 bids=[[0.3,5]] asks=[] reason=initial")
        #expect(try session.receive(delta("A", seq: 2, "yes", "0.3000", "1.00"), conn: 2).brief.count == 1)
        #expect(session["duplicate_seq"] == 0)
    }

    @Test func tickerWithoutSequence_neverTouchesTheCount() throws {
        let session = try Session()
        try session.receive(snapshot("A", seq: 1))
        try session.receive(#"{"type":"ticker","sid":3,"msg":{"market_ticker":"A"}}"#)
        #expect(
            try session.receive(snapshot("A", seq: 2)).brief == ["book_snapshot instrument=A conn=1 seq=2 bids=[] asks=[] reason=refresh"])
    }

    @Test func bookFrameWithoutSequence_onASidThatCounts_isRefused() throws {
        let session = try Session()
        try session.receive(snapshot("A", seq: 1))
        let frame = #"{"type":"orderbook_delta","sid":1,"msg":{"market_ticker":"A","price_dollars":"0.1","delta_fp":"1","side":"yes"}}"#
        #expect(try session.receive(frame).brief.first?.contains("state=gap reason=malformed orderbook_delta: seq is missing") == true)
        #expect(session["skipped_malformed_orderbook_delta"] == 1)
    }

    @Test func sidThatNeverShowedASequence_isNotChecked() throws {
        let session = try Session()
        let book = #"{"type":"orderbook_snapshot","sid":1,"msg":{"market_ticker":"A"}}"#
        let change = #"{"type":"orderbook_delta","sid":1,"msg":{"market_ticker":"A","price_dollars":"0.1","delta_fp":"1","side":"yes"}}"#
        try session.receive(book)
        #expect(try session.receive(change).brief == ["book_delta instrument=A conn=1 seq=2 bids=[[0.1,1]] asks=[]"])
    }

    @Test func sequenceBeyond63Bits_isRead() throws {
        let session = try Session()
        try session.receive(snapshot("A", seq: .max - 1))
        try session.receive(snapshot("A", seq: .max))
        #expect(session["sequence_holes"] == 0)
        #expect(session["lines_book_snapshot"] == 2)
    }

    @Test func subscribedAnew_resetsTheCount_andItsBooksAreUnknown() throws {
        let session = try Session()
        try session.receive(snapshot("A", seq: 9))
        let lines = try session.receive(subscribed("orderbook_delta", sid: 1)).brief
        #expect(lines == ["feed_status conn=1 state=gap reason=subscribed anew since_us=\(session.now - 1000)"])
        #expect(
            try session.receive(snapshot("A", seq: 1)).brief.first
                == "book_snapshot instrument=A conn=1 seq=2 bids=[] asks=[] reason=resync")
    }
}

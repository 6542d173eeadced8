import Testing

@testable import kalshi_feed

@Suite struct KalshiBooksTests {
    // MARK: Snapshots (§7.10)

    @Test(arguments: ["", #","yes_dollars_fp":[]"#, #","yes_dollars_fp":[],"no_dollars_fp":[]"#])
    func absentAndEmptyLadders_areAnEmptyBook(_ ladders: String) throws {
        let session = try Session()
        let lines = try session.receive(
            "{\"type\":\"orderbook_snapshot\",\"sid\":1,\"seq\":1,\"msg\":{\"market_ticker\":\"A\",\"market_id\":\"\"\(ladders)}}"
        ).brief
        #expect(lines == ["book_snapshot instrument=A conn=1 seq=1 bids=[] asks=[] reason=initial", "feed_status conn=1 state=live"])
    }

    @Test func unaskedSnapshot_replacesTheWholeBook() throws {
        let session = try Session()
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "5.00"), ("0.2000", "1.00")], no: [("0.6000", "1.00")]))
        #expect(
            try session.receive(snapshot("A", seq: 2, yes: [("0.1000", "1.00")])).brief
                == ["book_snapshot instrument=A conn=1 seq=2 bids=[[0.1,1]] asks=[] reason=refresh"])
    }

    @Test func levelOfSizeZero_isNoLevel() throws {
        let session = try Session()
        let lines = try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "0.00"), ("0.2000", "1.00")])).brief
        #expect(lines.first?.contains("bids=[[0.2,1]]") == true)
    }

    @Test func instrumentLine_standsBeforeTheFirstUse() throws {
        let session = try Session()
        let lines = try session.receive(snapshot("A-B.5", seq: 1))
        #expect(lines.count == 3)
        #expect(
            lines.first == """
                {"v":1,"type":"instrument","feed":"kalshi","venue":"kalshi","market":"A-B.5","instrument":"A-B.5","label":"A-B.5/Yes",\
                "conn":1,"recv_us":1790000000001000,"outcome":"Yes"}
                """)
        #expect(try session.receive(snapshot("A-B.5", seq: 2)).count == 1)
    }

    @Test(arguments: [
        (#""yes":[[3,80000]],"no":[[1,73590]]"#, "retired_shape"),
        (#""yes_dollars":[["0.03","80000.00"]]"#, "retired_shape"),
        (#""no":[]"#, "retired_shape"),
        (#""yes_dollars_fp":[["0.0300","1.00"]],"no_dollars":[["0.03","80000.00"]]"#, "retired_shape"),
        (#""bids":[["84000.5","1.2"]],"asks":[["84001.0","0.3"]]"#, "malformed_orderbook_snapshot"),
        (#""yes_levels":[["0.0300","1.00"]]"#, "malformed_orderbook_snapshot"),
        (#""yes_dollars_fp":null"#, "malformed_orderbook_snapshot"),
        (#""yes_dollars_fp":"none""#, "malformed_orderbook_snapshot"),
        (#""yes_dollars_fp":[["0.0300"]]"#, "malformed_orderbook_snapshot"),
        (#""yes_dollars_fp":[["0.0300","1.00","x"]]"#, "malformed_orderbook_snapshot"),
        (#""yes_dollars_fp":[["0.0300",1]]"#, "malformed_orderbook_snapshot"),
        (#""yes_dollars_fp":[[3,"1.00"]]"#, "malformed_orderbook_snapshot"),
        (#""yes_dollars_fp":[["0.0300","-1.00"]]"#, "malformed_orderbook_snapshot"),
        (#""yes_dollars_fp":[["1.0300","1.00"]]"#, "malformed_orderbook_snapshot"),
        (#""yes_dollars_fp":[["0.0300","1.00"],["0.0300","2.00"]]"#, "malformed_orderbook_snapshot"),
        (#""no_dollars_fp":[["0.12345678","1.00"]]"#, "malformed_orderbook_snapshot"),
    ])
    func snapshotThatCannotBeRead_isNeverAnEmptyBook(_ ladders: String, _ counter: String) throws {
        // §7.3, §7.20: a renamed or missing field is a loud error, never a zero or an empty book.
        let session = try Session()
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "5.00")]))
        let lines = try session.receive(
            "{\"type\":\"orderbook_snapshot\",\"sid\":1,\"seq\":2,\"msg\":{\"market_ticker\":\"A\",\(ladders)}}"
        ).brief
        let gaps = lines.filter { $0.contains("state=gap") }
        #expect(gaps.count == 1 && gaps[0].hasSuffix(#"instruments=["A"]"#), "\(lines)")
        #expect(!lines.contains { $0.hasPrefix("book_") })
        #expect(session["skipped_\(counter)"] == 1)
        #expect(
            lines.contains { $0.contains("state=drift") }
                == (counter == "retired_shape" || ladders.contains("bids") || ladders.contains("yes_levels")))
        #expect(
            try session.receive(snapshot("A", seq: 3)).brief == ["book_snapshot instrument=A conn=1 seq=2 bids=[] asks=[] reason=resync"])
    }

    @Test func bothOldAndNewFields_areReadByTheNewOnes() throws {
        let session = try Session()
        let lines = try session.receive(
            #"{"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{"market_ticker":"A","yes":[[3,8]],"yes_dollars_fp":[["0.0300","8.00"]]}}"#
        ).brief
        #expect(lines.first == "book_snapshot instrument=A conn=1 seq=1 bids=[[0.03,8]] asks=[] reason=initial")
    }

    // MARK: Deltas (§7.13)

    @Test func delta_isASignedChange_andExactlyZeroRemoves() throws {
        let session = try Session()
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "5.00")]))
        #expect(
            try session.receive(delta("A", seq: 2, "yes", "0.3000", "2.50")).brief == [
                "book_delta instrument=A conn=1 seq=2 bids=[[0.3,7.5]] asks=[]"
            ])
        #expect(
            try session.receive(delta("A", seq: 3, "yes", "0.3000", "-7.50")).brief == [
                "book_delta instrument=A conn=1 seq=3 bids=[[0.3,0]] asks=[]"
            ])
        #expect(
            try session.receive(delta("A", seq: 4, "yes", "0.3000", "0.01")).brief == [
                "book_delta instrument=A conn=1 seq=4 bids=[[0.3,0.01]] asks=[]"
            ])
    }

    @Test func changeBelowZero_makesTheBookUnknownUntilItsSnapshot() throws {
        let session = try Session()
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "5.00")]))
        try session.receive(snapshot("B", seq: 2))
        let since = session.now
        #expect(
            try session.receive(delta("A", seq: 3, "yes", "0.3000", "-5.01")).brief
                == [#"feed_status conn=1 state=gap reason=negative size since_us=\#(since) instruments=["A"]"#])
        #expect(try session.receive(delta("A", seq: 4, "yes", "0.3000", "-5.01")).brief == [])
        #expect(try session.receive(delta("B", seq: 5, "yes", "0.3000", "1.00")).brief.count == 1)
        #expect(
            try session.receive(snapshot("A", seq: 6)).brief == ["book_snapshot instrument=A conn=1 seq=2 bids=[] asks=[] reason=resync"])
        #expect(session["skipped_negative_size"] == 1)
    }

    @Test func sizeThatOverflows_isNoSize() throws {
        let session = try Session()
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "9223372036854.000000")]))
        #expect(try session.receive(delta("A", seq: 2, "yes", "0.3000", "9223372036854.00")).brief.first?.contains("state=gap") == true)
    }

    @Test func deltaWithoutASnapshot_isToldOnceAMarketAndConnection() throws {
        let session = try Session()
        try session.open()
        #expect(
            try session.receive(delta("A", seq: 1, "yes", "0.3000", "1.00")).brief
                == [#"feed_status conn=1 state=gap reason=delta without a snapshot since_us=\#(session.now) instruments=["A"]"#])
        #expect(try session.receive(delta("A", seq: 2, "yes", "0.3000", "1.00")).brief == [])
        #expect(session["delta_without_snapshot"] == 2)
        try session.close()
        try session.open(2)
        #expect(try session.receive(delta("A", seq: 1, "yes", "0.3000", "1.00"), conn: 2).brief.count == 1)
    }

    @Test func venueTime_isTheFineOne_elseMilliseconds() throws {
        let session = try Session()
        try session.receive(snapshot("A", seq: 1))
        let cases = [
            (#","ts":"2026-09-25T19:13:44.342537Z","ts_ms":1790363624342"#, "venue_us=1790363624342537"),
            (#","ts":"2026-09-25T19:13:44.3425379Z""#, "venue_us=1790363624342537"),
            (#","ts":"2022-11-22T20:44:01Z""#, "venue_us=1669149841000000"),
            (#","ts":"2026-09-25T19:14:00.63094Z""#, "venue_us=1790363640630940"),
            (#","ts_ms":1790363624342"#, "venue_us=1790363624342000"),
            (#","ts":"yesterday","ts_ms":1790363624342"#, "venue_us=1790363624342000"),
            (#","ts":1790363624"#, "venue_us=1790363624000000"),
            (#","ts":null"#, "seq="), ("", "seq="),
        ]
        for (index, (fields, expected)) in cases.enumerated() {
            let lines = try session.receive(delta("A", seq: UInt64(index) + 2, "yes", "0.3000", "1.00", more: fields)).brief
            #expect(lines.count == 1 && lines[0].contains(expected), "\(fields) \(lines)")
            #expect(lines[0].contains("venue_us") == expected.hasPrefix("venue_us"))
        }
    }

    @Test func venueTimeAheadOfOurs_isTold() throws {
        // §7.21: the venue's clock is 15–40 ms ahead; a negative latency is no fault.
        let session = try Session()
        try session.receive(snapshot("A", seq: 1))
        let ahead = session.now / 1000 + 40
        #expect(
            try session.receive(delta("A", seq: 2, "yes", "0.3000", "1.00", more: ",\"ts_ms\":\(ahead)")).brief[0].contains(
                "venue_us=\(ahead)000"))
    }

    @Test(arguments: [
        #""market_ticker":"A","delta_fp":"1.00","side":"yes""#,
        #""market_ticker":"A","price_dollars":"0.3000","side":"yes""#,
        #""market_ticker":"A","price_dollars":"0.3000","delta_fp":"1.00""#,
        #""market_ticker":"A","price_dollars":"0.3000","delta_fp":"1.00","side":"maybe""#,
        #""market_ticker":"A","price_dollars":"abc","delta_fp":"1.00","side":"yes""#,
        #""market_ticker":"A","price_dollars":"","delta_fp":"1.00","side":"yes""#,
        #""market_ticker":"A","price_dollars":"1.5000","delta_fp":"1.00","side":"yes""#,
        #""market_ticker":"A","price_dollars":"-0.1000","delta_fp":"1.00","side":"yes""#,
        #""market_ticker":"A","price_dollars":"0.1234567","delta_fp":"1.00","side":"yes""#,
        #""market_ticker":"A","price_dollars":0.3,"delta_fp":"1.00","side":"yes""#,
        #""market_ticker":"A","price_dollars":"0.3000","delta_fp":1,"side":"yes""#,
        #""market_ticker":"A","price_dollars":"0.3000","delta_fp":"--1","side":"yes""#,
        #""market_ticker":"A","price_dollars":"0.3000","delta_fp":"-","side":"yes""#,
        #""market_ticker":"A","price_dollars":"0.3000","delta_fp":{"n":5},"side":"yes""#,
        #""market_ticker":"A","price_dollars":"0.3000","delta_fp":"99999999999999999999.00","side":"yes""#,
        #""price_dollars":"x","market_ticker":"A","delta_fp":"1.00","side":"yes""#,
        #""market_ticker":"A","price":51,"delta":-1,"side":"no","ts":"2025-08-12T21:00:32.539836022Z""#,
        #""market_ticker":"A","price":51,"price_dollars":"0.5100","delta":-1,"side":"no""#,
    ])
    func malformedDelta_spoilsItsOwnMarketAlone(_ message: String) throws {
        let session = try Session(rejects: true)
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "5.00")]))
        try session.receive(snapshot("B", seq: 2))
        let lines = try session.receive("{\"type\":\"orderbook_delta\",\"sid\":1,\"seq\":3,\"msg\":{\(message)}}").brief
        let gaps = lines.filter { $0.contains("state=gap") }
        #expect(
            gaps.count == 1 && gaps[0].hasSuffix(#"instruments=["A"]"#) && gaps[0].contains("reason=malformed orderbook_delta"), "\(lines)")
        #expect(!lines.contains { $0.hasPrefix("book_") })
        #expect(session.rejects().count == 1)
        #expect(session["skipped_retired_shape"] + session["skipped_malformed_orderbook_delta"] == 1)
        #expect(try session.receive(delta("B", seq: 4, "yes", "0.3000", "1.00")).brief.count == 1)
    }

    @Test(arguments: [
        #"{"price_dollars":"0.3000","delta_fp":"1.00","side":"yes"}"#,
        #"{"market_ticker":"","price_dollars":"0.3000","delta_fp":"1.00","side":"yes"}"#,
        #"{"market_ticker":7}"#, "[]", "5", "null", #""x""#,
    ])
    func deltaOfNoReadableMarket_spoilsTheSubscription(_ message: String) throws {
        let session = try Session()
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "5.00")]))
        try session.receive(snapshot("B", seq: 2))
        let lines = try session.receive("{\"type\":\"orderbook_delta\",\"sid\":1,\"seq\":3,\"msg\":\(message)}").brief
        #expect(
            lines.count == 1 && lines[0].contains("state=gap reason=malformed orderbook_delta") && !lines[0].contains("instruments="),
            "\(lines)")
        #expect(try session.receive(delta("A", seq: 4, "yes", "0.3000", "1.00")).brief == [])
        try session.receive(snapshot("A", seq: 5))
        #expect(try session.receive(snapshot("B", seq: 6)).brief.last == "feed_status conn=1 state=live")
    }

    @Test(arguments: ["not json at all\n", "{\"type\":5}\n", "[]\n", "42\n", "\n", "", "null\n", #"{"type":"trade""#, #"{"sid":1}"#])
    func frameThatIsNoMessage_isCounted_andTheHoleShowsAtTheNextNumber(_ frame: String) throws {
        let session = try Session(rejects: true)
        try session.receive(snapshot("A", seq: 1))
        #expect(try session.receive(frame).brief == [])
        #expect(session["skipped_frame"] + session["skipped_envelope"] == 1)
        #expect(session.rejects().count == 1)
        #expect(try session.receive(delta("A", seq: 3, "yes", "0.3000", "1.00")).brief.first?.contains("expected_seq=2 got_seq=3") == true)
    }

    @Test func unknownField_isDriftOnce_andTheMessageIsUsed() throws {
        // §7.22
        let session = try Session()
        try session.receive(snapshot("A", seq: 1))
        let first = try session.receive(delta("A", seq: 2, "yes", "0.3000", "1.00", more: #","colour":"red""#)).brief
        #expect(
            first == [
                "book_delta instrument=A conn=1 seq=2 bids=[[0.3,1]] asks=[]",
                "feed_status conn=1 state=drift reason=field colour of orderbook_delta instruments=[]",
            ])
        #expect(try session.receive(delta("A", seq: 3, "yes", "0.3000", "1.00", more: #","colour":"red""#)).brief.count == 1)
    }

    @Test func escapedTicker_isTheSameMarket() throws {
        let session = try Session()
        try session.receive(snapshot("AB", seq: 1))
        #expect(
            try session.receive(delta("\\u0041B", seq: 2, "yes", "0.3000", "1.00")).brief == [
                "book_delta instrument=AB conn=1 seq=2 bids=[[0.3,1]] asks=[]"
            ])
    }

    @Test func keysInAnotherOrder_andBlanks_areRead() throws {
        let session = try Session()
        try session.receive(snapshot("A", seq: 1))
        let lines = try session.receive(
            #"{ "msg" : { "side":"yes", "delta_fp" : "1.00","price_dollars":"0.3000", "market_ticker":"A" } , "seq":2, "sid":1,"type":"orderbook_delta" }"#
        )
        #expect(lines.brief == ["book_delta instrument=A conn=1 seq=2 bids=[[0.3,1]] asks=[]"])
    }

    @Test func deltaOnAnotherSubscription_spoilsTheBook() throws {
        let session = try Session()
        try session.receive(snapshot("A", seq: 1))
        #expect(
            try session.receive(delta("A", seq: 1, "yes", "0.3000", "1.00", sid: 7)).brief.first?.contains("delta of another subscription")
                == true)
    }

    @Test func bookMessageWithoutASid_isRefused() throws {
        let session = try Session()
        try session.receive(snapshot("A", seq: 1))
        let frame =
            #"{"type":"orderbook_delta","seq":2,"msg":{"market_ticker":"A","price_dollars":"0.3000","delta_fp":"1.00","side":"yes"}}"#
        #expect(try session.receive(frame).brief.first?.hasSuffix(#"instruments=["A"]"#) == true)
    }

    // MARK: Connections

    @Test func staleBooks_areUnknownUntilTheirSnapshots() throws {
        let session = try Session()
        try session.open()
        try session.receive(snapshot("A", seq: 1))
        #expect(try session.wait(seconds: 31).brief.last?.contains("state=stale") == true)
        #expect(
            try session.receive(delta("A", seq: 2, "yes", "0.3000", "1.00")).brief == [
                "feed_status conn=1 state=live reason=data again; books are unknown until their snapshots"
            ])
        #expect(
            try session.receive(snapshot("A", seq: 3)).brief == ["book_snapshot instrument=A conn=1 seq=2 bids=[] asks=[] reason=resync"])
    }

    @Test func connectionNumberThatComesAgain_isAnotherSocket() throws {
        let session = try Session()
        try session.open(1)
        try session.receive(snapshot("A", seq: 1))
        #expect(try session.open(1).brief.first?.hasPrefix("feed_status conn=1 state=disconnected") == true)
        #expect(
            try session.receive(snapshot("A", seq: 1)).brief.first
                == "book_snapshot instrument=A conn=1 seq=2 bids=[] asks=[] reason=initial")
    }

    @Test func checkpoints_showKnownBooksOnly() throws {
        let session = try Session(["--checkpoint", "5s", "--stale-after", "0"])
        try session.receive(snapshot("A", seq: 1))
        try session.receive(snapshot("B", seq: 2))
        try session.receive(delta("B", seq: 3, "yes", "0.3000", "-1.00"))
        #expect(try session.wait(seconds: 6).brief == ["book_snapshot instrument=A conn=1 seq=2 bids=[] asks=[] reason=checkpoint"])
    }
}

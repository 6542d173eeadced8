import TestSupport
import Testing

@testable import kalshi_feed

/// One market over two connections: under `--redundant 2`, and while a socket is renewed.
@Suite struct KalshiCarriersTests {
    /// Both have the same book.
    private func level() throws -> Session {
        let session = try Session()
        for conn in 1...2 as ClosedRange<Int64> {
            try session.open(conn)
            try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "5.00")]), conn: conn)
        }
        return session
    }

    private func change(_ seq: UInt64, _ change: String = "1.00", millis: Int = 1) -> String {
        delta("A", seq: seq, "yes", "0.3000", change, more: ",\"ts_ms\":\(millis)")
    }

    @Test func copy_saysNothing_whicheverIsFirst() throws {
        let session = try level()
        #expect(try session.receive(change(2, millis: 1), conn: 1).brief.count == 1)
        #expect(try session.receive(change(2, millis: 1), conn: 2).brief == [])
        #expect(try session.receive(change(3, millis: 2), conn: 2).brief.first?.contains("bids=[[0.3,7]]") == true)
        #expect(try session.receive(change(3, millis: 2), conn: 1).brief == [])
        #expect(session["copies"] == 3)
    }

    @Test func equalChangesOfOneConnection_areTwo() throws {
        let session = try level()
        try session.receive(change(2), conn: 1)
        #expect(try session.receive(change(3), conn: 1).brief.first?.contains("bids=[[0.3,7]]") == true)
        #expect(try session.receive(change(2), conn: 2).brief == [] && session.receive(change(3), conn: 2).brief == [])
        #expect(try session.receive(change(4), conn: 2).brief.first?.contains("bids=[[0.3,8]]") == true)
    }

    @Test func endOfOne_losesNothing_evenWhereTheOtherIsBehind() throws {
        let session = try level()
        try session.receive(change(2, millis: 1), conn: 1)
        try session.receive(change(3, millis: 2), conn: 1)
        #expect(
            try session.close(1).brief == [
                "feed_status conn=1 state=disconnected reason=close 1006 since_us=\(session.now - 1000) instruments=[]"
            ])
        #expect(try session.receive(change(2, millis: 1), conn: 2).brief == [])
        #expect(try session.receive(change(3, millis: 2), conn: 2).brief == [])
        let next = try session.receive(change(4, millis: 3), conn: 2).brief
        #expect(next == ["book_delta instrument=A conn=1 seq=4 venue_us=3000 bids=[[0.3,8]] asks=[]"])
    }

    @Test func holeOnOne_isTold_andTouchesNoBook_untilTheOtherEnds() throws {
        let session = try level()
        #expect(
            try session.receive(change(9, millis: 5), conn: 1).brief
                == ["feed_status conn=1 state=gap reason=sequence since_us=\(session.now - 3000) instruments=[] expected_seq=2 got_seq=9"])
        #expect(try session.receive(change(2, millis: 1), conn: 2).brief.count == 1)
        #expect(session["breaks_covered"] == 1)
        // What the broken one says counts again from its next whole book on.
        #expect(try session.receive(change(10, millis: 2), conn: 1).brief == [])
        #expect(
            try session.receive(snapshot("A", seq: 11, yes: [("0.3000", "6.00")], id: 4), conn: 1).brief.filter { $0.hasPrefix("book") }
                == [])
        #expect(try session.receive(change(12, millis: 3), conn: 1).brief.first?.contains("bids=[[0.3,7]]") == true)
        #expect(try session.close(2).brief.first?.hasSuffix("instruments=[]") == true)
        #expect(try session.receive(change(13, millis: 4), conn: 1).brief.first?.contains("bids=[[0.3,8]]") == true)
    }

    @Test func endOfTheOnlyOneThatWasWhole_losesTheBook() throws {
        let session = try level()
        try session.receive(change(9, millis: 5), conn: 1)
        let lines = try session.close(2).brief
        #expect(lines.count == 2 && lines[0].contains("conn=1 state=gap") && lines[1].contains("conn=2 state=disconnected"))
        #expect(try session.receive(change(10, millis: 6), conn: 1).brief == [])
        #expect(
            try session.receive(snapshot("A", seq: 11, yes: [("0.2000", "1.00")], id: 4), conn: 1).brief.first?.contains(
                "bids=[[0.2,1]] asks=[] reason=resync") == true)
    }

    @Test func lossOfABook_isToldWithTheConnection_thatReadersKnowItBy() throws {
        let session = try level()
        _ = try session.close(1)
        // Its lines go on under connection 1.
        #expect(try session.receive(change(2), conn: 2).brief.first?.hasPrefix("book_delta instrument=A conn=1") == true)
        let gap = try session.receive(change(7), conn: 2).brief
        #expect(gap.count == 2 && gap[0].contains("conn=2 state=gap") && gap[0].contains("instruments=[] expected_seq=3"))
        #expect(gap[1].contains("conn=1 state=gap reason=sequence") && gap[1].hasSuffix(#"instruments=["A"]"#))
    }

    @Test func endOfTheLastConnection_takesBackWhatWasToldWithAnother() throws {
        let session = try level()
        _ = try session.close(1)
        let lines = try session.close(2).brief
        #expect(lines.count == 2 && lines[0].contains("conn=1 state=gap reason=the last connection is gone"))
        #expect(lines[0].hasSuffix(#"instruments=["A"]"#))
        #expect(lines[1].contains("conn=2 state=disconnected") && lines[1].hasSuffix("instruments=[]"))
    }

    @Test func endOfAConnectionWhoseSubscriptionWasOver_takesNothingBackThatTheOtherCarries() throws {
        let session = try level()
        try session.receive(#"{"type":"error","sid":1,"seq":2,"msg":{"code":25}}"#, conn: 1)
        #expect(try session.close(1).brief.first?.hasSuffix("instruments=[]") == true)
        #expect(try session.receive(change(2), conn: 2).brief.first?.hasPrefix("book_delta instrument=A conn=1") == true)
    }

    @Test func silentlyDeadMarketOnOne_isFoundByAWholeBook() throws {
        let session = try level()
        for seq in 2...5 as ClosedRange<UInt64> { try session.receive(change(seq, millis: Int(seq)), conn: 2) }
        #expect(try session.receive(snapshot("A", seq: 2, yes: [("0.3000", "9.00")], id: 8), conn: 1).brief == [])
        #expect(session["audit_disagreements"] == 1)
    }

    @Test func wholeBookThatContradictsABookThatIsLevel_isAGap() throws {
        let session = try level()
        #expect(
            try session.receive(snapshot("A", seq: 2, yes: [("0.2000", "1.00")], id: 8), conn: 2).brief == [
                #"feed_status conn=1 state=gap reason=the venue's whole book is another since_us=\#(session.now - 3000) instruments=["A"]"#,
                "book_snapshot instrument=A conn=2 seq=2 bids=[[0.2,1]] asks=[] reason=resync",
            ])
    }

    @Test func lifecycleAndTickers_areToldOnce_eachTimeTheyAreSaid() throws {
        let session = try Session(["--channels", "ticker,lifecycle"])
        try session.open(1)
        try session.open(2)
        let life = #"{"type":"market_lifecycle_v2","sid":3,"seq":1,"msg":{"market_ticker":"A","event_type":"deactivated"}}"#
        let again = life.replacing(#""seq":1"#, with: #""seq":2"#)
        #expect(try session.receive(life, conn: 1).brief.count == 1)
        #expect(try session.receive(life, conn: 2).brief == [])
        #expect(try session.receive(again, conn: 1).brief.count == 1)
        #expect(try session.receive(again, conn: 2).brief == [])
        let ticker =
            #"{"type":"ticker","sid":4,"msg":{"market_ticker":"A","price_dollars":"0.5000","yes_bid_dollars":"0.4900","#
            + #""yes_ask_dollars":"0.5100","yes_bid_size_fp":"1.00","yes_ask_size_fp":"1.00","volume_fp":"1.00","open_interest_fp":"1.00","#
            + #""ts_ms":1790000000000}}"#
        #expect(try session.receive(ticker, conn: 2).brief.count == 1)
        #expect(try session.receive(ticker, conn: 1).brief == [])
    }

    /// A venue that sends the same to two connections, each at its own pace, with ends and holes: the book that is shown is always one
    /// that was, and never an older one than before.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func twoConnectionsAtTheirOwnPace_showEachStateOnce(_ seed: UInt64) throws {
        var random = SeededGenerator(seed)
        let session = try Session()
        var size = 100
        var states: [Int] = [size]
        var changes: [Int] = []
        /// For each connection: how many changes it has sent, its last seq.
        var conns: [Int64: (sent: Int, seq: UInt64)] = [:]
        var lastConn: Int64 = 0
        var shown = 0
        func check(_ lines: [String]) {
            for line in lines.brief where line.hasPrefix("book_") {
                let text = line.split(separator: "[[0.3,")[1].prefix { $0 != "]" }
                let state = Int(text).flatMap { size in states.indices.first { $0 >= shown && states[$0] == size } }
                #expect(state != nil, "seed \(seed): \(line) after state \(shown)")
                shown = state ?? shown
            }
        }
        for _ in 0..<1500 {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<4 where conns.count < 2:
                lastConn += 1
                try session.open(lastConn)
                let frame = snapshot("A", seq: 1, yes: [("0.3000", "\(size).00")])
                conns[lastConn] = (changes.count, 1)
                check(try session.receive(frame, conn: lastConn))
            case 4..<6 where conns.count == 2:
                let conn = conns.keys.sorted()[Int.random(in: 0..<2, using: &random)]
                conns[conn] = nil
                check(try session.close(conn))
            case 6..<40:
                let change = Int.random(in: 1...3, using: &random) * (size > 50 && Bool.random(using: &random) ? -1 : 1)
                changes.append(change)
                size += change
                states.append(size)
            default:
                guard let conn = conns.keys.sorted().randomElement(using: &random), let place = conns[conn], place.sent < changes.count
                else {
                    continue
                }
                let frame = change(place.seq + 1, "\(changes[place.sent]).00", millis: place.sent)
                conns[conn] = (place.sent + 1, place.seq + 1)
                check(try session.receive(frame, conn: conn))
            }
        }
        #expect(shown > 100 && session["skipped_negative_size"] == 0)
    }
}

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
        #expect(try session.receive(change(4, millis: 2), conn: 2).brief.first?.contains("bids=[[0.3,8]]") == true)
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

    @Test func endOfOne_whileTheOtherIsAheadOfAll_goesOnWithTheBookOfTheOther() throws {
        let session = try Session()
        try session.open(1)
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "5.00")]), conn: 1)
        try session.open(2)
        // The venue is three changes further; the second connection says the fourth before the first one has said the second.
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "8.00")]), conn: 2)
        try session.receive(change(2, millis: 1), conn: 1)
        #expect(try session.receive(change(2, millis: 4), conn: 2).brief == [])
        let gap = try session.receive(change(9, millis: 9), conn: 1).brief
        #expect(gap.count == 2 && gap[0] == "book_snapshot instrument=A conn=2 seq=3 bids=[[0.3,9]] asks=[] reason=refresh")
        #expect(gap[1].contains("conn=1 state=gap reason=sequence") && gap[1].contains("instruments=[]"))
        let next = try session.receive(change(3, millis: 5), conn: 2).brief
        #expect(next == ["book_delta instrument=A conn=2 seq=4 venue_us=5000 bids=[[0.3,10]] asks=[]"])
    }

    @Test func connectionThatIsAheadForLong_isNotKeptBackByOneThatIsDead() throws {
        let session = try Session()
        try session.open(1)
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "5.00")]), conn: 1)
        try session.open(2)
        // The first one is dead, and nobody has noticed yet.
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "8.00")]), conn: 2)
        #expect(try session.receive(change(2, millis: 1000), conn: 2).brief == [])
        #expect(try session.receive(change(3, millis: 2000), conn: 2).brief == [])
        #expect(
            try session.receive(change(4, millis: 2001), conn: 2).brief
                == ["book_snapshot instrument=A conn=2 seq=2 bids=[[0.3,11]] asks=[] reason=refresh"])
        #expect(try session.receive(change(5, millis: 2002), conn: 2).brief.first?.contains("conn=2 seq=3") == true)
        // What the first one had been keeping is old.
        #expect(try session.receive(change(2, millis: 999), conn: 1).brief == [])
        #expect(try session.close(1).brief.first?.hasSuffix("instruments=[]") == true && session["carriers_overtaken"] == 1)
    }

    @Test func endOfOne_whileTheOtherMayBeBehind_losesTheBook() throws {
        let session = try Session()
        try session.open(1)
        try session.open(2)
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "5.00")]), conn: 1)
        // Nothing shows whether this book is older than ours or younger, and then that it is the older one.
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "4.00")]), conn: 2)
        try session.receive(change(2, millis: 3), conn: 1)
        #expect(try session.receive(change(2, millis: 2), conn: 2).brief == [])
        #expect(try session.receive(change(9, millis: 9), conn: 1).brief.contains { $0.contains("state=gap") })
        #expect(session.venue.registry.markets[0].instrument.book.isKnown == false)
    }

    @Test func connectionThatWasAhead_isLevel_whenTheOtherComesToItsBook() throws {
        let session = try Session()
        try session.open(1)
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "5.00")]), conn: 1)
        try session.open(2)
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "6.00")]), conn: 2)
        #expect(try session.receive(change(2, millis: 2), conn: 2).brief == [])
        for seq in 2...3 as ClosedRange<UInt64> { try session.receive(change(seq, millis: Int(seq) - 1), conn: 1) }
        #expect(try session.receive(change(3, millis: 3), conn: 2).brief.first?.contains("bids=[[0.3,8]]") == true)
        #expect(try session.close(1).brief.first?.hasSuffix("instruments=[]") == true)
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

    @Test func secondEndOfAConnection_takesNothingBackThatTheOtherCarries() throws {
        let session = try level()
        _ = try session.close(1)
        #expect(try session.close(1).brief.first?.hasSuffix("instruments=[]") == true)
        #expect(try session.receive(change(2), conn: 2).brief.first?.hasPrefix("book_delta instrument=A conn=1") == true)
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

    /// A venue that sends the same to two connections, each at its own pace, with ends, holes and whole books that we asked for: what a
    /// reader of the contract believes is always a book that was, and never an older one than before.
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func twoConnectionsAtTheirOwnPace_showBooksThatWere(_ seed: UInt64) throws {
        var walk = try Walk(seed)
        for _ in 0..<3000 { try walk.step() }
        #expect(walk.reader.complaints == [], "seed \(seed)")
        #expect(walk.shownCount > 300 && walk.session["skipped_negative_size"] == 0 && walk.session["breaks_covered"] > 10, "seed \(seed)")
    }

    private struct Walk {
        struct Socket {
            /// How many changes it has sent.
            var sent: Int
            var seq: UInt64 = 1
            /// How many it had sent when the last frame of it arrived: a loss is seen by the next one.
            var arrived: Int
            /// How many changes there were when its whole book was asked for: the answer comes behind them.
            var asked: Int?
        }

        let session: Session
        let seed: UInt64
        var random: SeededGenerator
        var reader = BookReader()
        /// The sizes of the only level, one a state of the venue's book.
        var states = [100]
        var changes: [Int] = []
        var sockets: [Int64: Socket] = [:]
        var lastConn: Int64 = 0
        /// The state that readers have.
        var shown = 0
        var shownCount = 0
        var replacedCount = 0

        init(_ seed: UInt64) throws {
            self.seed = seed
            random = SeededGenerator(seed)
            session = try Session()
        }

        mutating func step() throws {
            let roll = Int.random(in: 0..<1000, using: &random)
            switch roll {
            case 0..<40 where sockets.count < 2:
                lastConn += 1
                try session.open(lastConn)
                sockets[lastConn] = Socket(sent: changes.count, arrived: changes.count)
                try check(session.receive(book(lastConn), conn: lastConn), lastConn)
            case 40..<48 where sockets.count == 2:
                guard let conn = anySocket() else { return }
                sockets[conn] = nil
                try check(session.close(conn), nil)
            case 48..<60:
                // A frame is lost on its way.
                guard let conn = anySocket(), let socket = sockets[conn], socket.sent < changes.count else { return }
                let asked = socket.asked == socket.sent ? nil : socket.asked
                sockets[conn] = Socket(sent: socket.sent + 1, seq: socket.seq + 1, arrived: socket.arrived, asked: asked)
            case 60..<110:
                guard let conn = anySocket() else { return }
                sockets[conn]?.asked = changes.count
            case 110..<400:
                let change = Int.random(in: 1...3, using: &random) * (states[states.count - 1] > 50 && Bool.random(using: &random) ? -1 : 1)
                changes.append(change)
                states.append(states[states.count - 1] + change)
            default:
                guard let conn = anySocket(), let socket = sockets[conn] else { return }
                if socket.asked == socket.sent {
                    sockets[conn] = Socket(sent: socket.sent, seq: socket.seq + 1, arrived: socket.sent)
                    return try check(session.receive(book(conn, id: 9), conn: conn), conn)
                }
                guard socket.sent < changes.count else { return }
                sockets[conn] = Socket(sent: socket.sent + 1, seq: socket.seq + 1, arrived: socket.sent + 1, asked: socket.asked)
                let frame = delta(
                    "A", seq: socket.seq + 1, "yes", "0.3000", "\(changes[socket.sent]).00", more: ",\"ts_ms\":\(socket.sent / 2)")
                try check(session.receive(frame, conn: conn), conn)
            }
        }

        private mutating func anySocket() -> Int64? { sockets.keys.sorted().randomElement(using: &random) }

        /// The whole book as it stands where the connection is.
        private func book(_ conn: Int64, id: Int? = nil) -> String {
            snapshot("A", seq: sockets[conn]?.seq ?? 0, yes: [("0.3000", "\(states[sockets[conn]?.sent ?? 0]).00")], id: id)
        }

        private mutating func check(_ lines: [String], _ conn: Int64?) throws {
            try reader.take(lines)
            let isKnown = reader.books["A"]?.isKnown ?? false
            #expect(isKnown == session.venue.registry.markets[0].instrument.book.isKnown, "seed \(seed): \(lines)")
            for line in lines where line.contains("\"type\":\"book_") {
                // A book that takes the place of a lost one stands where its own connection does.
                let told = line.contains("book_snapshot") ? sockets.keys.first { line.contains("\"conn\":\($0),") } : nil
                let state = (told ?? conn).flatMap { sockets[$0]?.arrived } ?? -1
                if line.contains("\"reason\":\"refresh\"") {
                    replacedCount += 1
                    #expect(state >= shown, "seed \(seed): \(line)")
                }
                // A change goes on from what was shown; one may pass over orders that came and went, which leave no trace. A book that
                // begins anew stands where its connection does.
                if line.contains("book_delta") {
                    #expect(state > shown && states[state - 1] == states[shown], "seed \(seed): \(line)")
                }
                shown = state
                shownCount += 1
            }
            guard isKnown else { return }
            #expect(reader.books["A"]?.bids["0.3"] == "\(states[shown])", "seed \(seed): \(lines)")
        }
    }
}

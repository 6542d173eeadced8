import MarketModel
import TestSupport
import Testing
import UnixTool

@testable import mkt_merge

@Suite struct DedupeTests {
    private let a = FeedLines(feed: "a")
    private let b = FeedLines(feed: "b")

    /// Both feeds know the book; a's is shown.
    private func started(_ run: DedupeRun) throws {
        try run.take(a.snapshot(1), from: 0)
        try run.take(b.snapshot(2), from: 1)
        _ = run.takeNews()
    }

    // MARK: One feed at a time

    @Test func firstKnownBook_isShown_andOnlyIt() throws {
        let run = DedupeRun()
        try run.take(b.delta(1, seq: 9), from: 1)
        try run.take(a.snapshot(2, seq: 5, venueTime: 1), from: 0)
        try run.take(b.snapshot(3), from: 1)
        try run.take(b.delta(4, seq: 2, "[0.1,1]"), from: 1)
        try run.take(a.delta(5, seq: 6), from: 0)
        #expect(run.output.first == a.snapshot(2, seq: 1, conn: nil, venueTime: 1).replacing("\"a\"", with: "\"merge\""))
        #expect(run.takeNews() == ["merge I 1 initial 40x2", "merge I 2 40x3"])
    }

    @Test func ownSnapshotsOfTheFeedShown_keepTheirReason() throws {
        let run = DedupeRun()
        try started(run)
        try run.take(a.snapshot(3, seq: 2, "[0.4,2],[0.3,1]", "checkpoint"), from: 0)
        try run.take(a.snapshot(4, seq: 3, "[0.2,1]", "refresh"), from: 0)
        #expect(run.takeNews() == ["merge I 2 checkpoint 40x2 30x1", "merge I 3 refresh 20x1"])
    }

    @Test func labelOfTheFeedShown_isTheMergedBooks() throws {
        let run = DedupeRun()
        let label = "\"instrument\":\"I\",\"label\":\"é\\n/Yes\""
        try run.take(a.snapshot(1).replacing("\"instrument\":\"I\"", with: label))
        try run.take(a.delta(2, seq: 2).replacing("\"instrument\":\"I\"", with: label))
        try run.take(a.delta(3, seq: 3))
        #expect(run.output.map { $0.contains(label) } == [true, true, false])
    }

    // MARK: Breaks

    @Test(arguments: ["gap", "stale", "resyncing", "disconnected", "stopped"])
    func breakOfTheFeedShown_showsTheOther_atOnce(state: String) throws {
        let run = DedupeRun()
        try run.take(a.snapshot(1, venueTime: 1), from: 0)
        try run.take(b.snapshot(2, venueTime: 1), from: 1)
        _ = run.takeNews()
        try run.take(b.delta(3, seq: 2, "[0.4,3]", venueTime: 2), from: 1)
        try run.take(a.status(4, state), from: 0)
        #expect(run.takeNews() == ["a \(state) ", "merge I 2 resync 40x3", "merge live [\"I\"]"])
        try run.take(b.delta(5, seq: 3, "[0.4,4]", venueTime: 3), from: 1)
        try run.take(a.snapshot(6, seq: 2, venueTime: 3), from: 0)
        #expect(run.takeNews() == ["merge I 3 40x4"], "and a does not get it back without need")
    }

    @Test func bothBroken_isAGap_untilTheFirstSnapshot() throws {
        let run = DedupeRun()
        try run.take(a.snapshot(1, venueTime: 1), from: 0)
        try run.take(b.snapshot(2, venueTime: 1), from: 1)
        _ = run.takeNews()
        try run.take(b.status(3, "gap"), from: 1)
        #expect(run.takeNews() == ["b gap "])
        try run.take(a.status(4, "disconnected"), from: 0)
        let gap =
            #"{"v":1,"type":"feed_status","feed":"merge","venue":"v","recv_us":4,"state":"gap","#
            + #""reason":"a says disconnected, and nobody else has a good book","since_us":4,"instruments":["I"]}"#
        #expect(run.output.last == gap)
        _ = run.takeNews()
        try run.take(b.delta(5, seq: 2), from: 1)
        try run.take(b.snapshot(6, seq: 3, "[0.2,2]", "initial", venueTime: 5), from: 1)
        #expect(run.takeNews() == ["merge I 2 resync 20x2", "merge live [\"I\"]"])
    }

    @Test func holeInTheSeq_isABreak() throws {
        let run = DedupeRun()
        try started(run)
        try run.take(a.delta(3, seq: 3, "[0.4,9]"), from: 0)
        #expect(run.takeNews() == ["merge I 2 resync 40x2", "merge live [\"I\"]"])
        try run.take(a.delta(4, seq: 4), from: 0)
        try run.take(b.delta(5, seq: 2), from: 1)
        #expect(run.takeNews() == ["merge I 3 40x3"])
        try run.take(b.delta(6, seq: 2), from: 1)
        #expect(run.takeNews() == ["merge gap [\"I\"]"], "one told twice is a hole too")
    }

    @Test func breakOfAnotherConnection_ofOtherBooks_orOfNone_touchesNothing() throws {
        let run = DedupeRun()
        try started(run)
        try run.take(a.status(3, "disconnected", conn: 2), from: 0)
        try run.take(a.status(4, "disconnected", conn: 1, instruments: ""), from: 0)
        try run.take(a.status(5, "gap", conn: 1, instruments: "\"J\""), from: 0)
        try run.take(a.status(6, "drift", conn: 1), from: 0)
        try run.take(a.delta(7, seq: 2), from: 0)
        try run.take(b.delta(7, seq: 2), from: 1)
        #expect(run.takeNews() == ["a disconnected ", "a disconnected []", "a gap [\"J\"]", "a drift ", "merge I 2 40x3"])
        try run.take(a.status(8, "gap", conn: 1, instruments: "\"J\",\"I\""), from: 0)
        #expect(run.takeNews().last == "merge live [\"I\"]")
    }

    @Test func linesOfTwoConnections_areOneBook_thatEitherMayBreak() throws {
        let run = DedupeRun()
        try run.take(a.snapshot(1, conn: 1))
        try run.take(a.delta(2, seq: 2, "[0.4,3]", conn: 2))
        try run.take(a.delta(3, seq: 3, "[0.4,4]", conn: 1))
        try run.take(a.status(4, "disconnected", conn: 2, instruments: ""))
        #expect(run.takeNews() == ["merge I 1 initial 40x2", "merge I 2 40x3", "merge I 3 40x4", "a disconnected []"])
        try run.take(a.status(5, "disconnected", conn: 2))
        #expect(run.takeNews().last == "merge gap [\"I\"]")
    }

    @Test func endOfAnInput_isABreakOfItsFeeds() throws {
        let run = DedupeRun()
        try started(run)
        run.end(0)
        #expect(run.takeNews() == ["merge I 2 resync 40x2", "merge live [\"I\"]"])
        run.end(1)
        #expect(run.takeNews() == ["merge gap [\"I\"]"])
    }

    @Test func manyBooks_areTold_inFewStatusLines() throws {
        let run = DedupeRun()
        for number in 0..<2500 { try run.take(a.snapshot(1, instrument: "I\(number)")) }
        _ = run.takeNews()
        try run.take(a.status(2, "gap"))
        #expect(run.takeNews().count == 1 + 3)
    }

    // MARK: Files that go on in the next, processes that come back

    @Test func expectingAnyLine_changesNothing() throws {
        // So many that it looks ahead, and their lines in any order, of two feeds that take turns in being ahead.
        let count = EventDecoder.originsNear + 200
        let (plain, expecting) = (DedupeRun(), DedupeRun())
        var random = SeededGenerator(seed: 11)
        var seqs = [[Int]](repeating: Array(repeating: 0, count: count), count: 2)
        let feeds = [FeedLines(feed: "a"), FeedLines(feed: "b")]
        func line(_ number: Int, _ step: Int, _ source: Int) -> String {
            seqs[source][number] += 1
            let (seq, instrument) = (seqs[source][number], "\(number) is the number of a token")
            guard seq > 1 else { return feeds[source].snapshot(Int64(step), instrument: instrument) }
            // Now and then a hole.
            if random.below(50) == 0 { seqs[source][number] += 1 }
            return feeds[source].delta(Int64(step), seq: seqs[source][number], "[0.4,\(step)]", instrument: instrument)
        }
        for step in 1...(4 * count) {
            let (number, source) = (step <= count ? step - 1 : random.below(count), random.below(2))
            let text = line(number, step, source)
            // What comes next, or what does not, or a piece of it.
            let other = Array(feeds[source].delta(0, seq: 9, instrument: "\(random.below(count)) is the number of a token").utf8)
            other[..<random.below(other.count + 1)].withUnsafeBufferPointer { expecting.dedupe.expect($0) }
            Array(text.utf8).withUnsafeBufferPointer { if random.chance(2) { expecting.dedupe.expect($0) } }
            for run in [plain, expecting] { try run.take(text, from: source) }
        }
        #expect(plain.output == expecting.output)
        #expect(plain.output.count > count)
        #expect(expecting.dedupe.early.count > count)
    }

    @Test func fileThatGoesOnInTheNext_needsNoSnapshot_whereNothingIsMissing() throws {
        let run = DedupeRun()
        try run.take(a.snapshot(1, instrument: "I"))
        try run.take(a.snapshot(1, instrument: "J"))
        run.end(0)
        _ = run.takeNews()
        try run.take(a.delta(2, seq: 2, instrument: "I"), from: 1)
        try run.take(a.delta(3, seq: 3, instrument: "J"), from: 1)
        #expect(run.takeNews() == ["merge I 2 resync 40x3", "merge live [\"I\"]"])
    }

    @Test func processThatComesBack_isKnownFromItsSnapshotsOn() throws {
        let run = DedupeRun([.live, .live])
        try run.take(a.snapshot(1), now: 1)
        run.end(0, now: 2)
        _ = run.takeNews()
        try run.take(a.delta(3, seq: 2), now: 3)
        #expect(run.takeNews() == [])
        try run.take(a.snapshot(4, seq: 1), now: 4)
        #expect(run.takeNews() == ["merge I 2 resync 40x2", "merge live [\"I\"]"])
    }

    @Test func twoInputsWithFeedsOfOneName_areTwoFeeds() throws {
        let run = DedupeRun()
        try run.take(a.snapshot(1), from: 0)
        try run.take(a.snapshot(2), from: 1)
        try run.take(a.delta(3, seq: 2), from: 0)
        try run.take(a.delta(4, seq: 2), from: 1)
        #expect(run.takeNews() == ["merge I 1 initial 40x2", "merge I 2 40x3"])
    }

    @Test func feedOfTheMergedFeedsName_stopsTheRun() throws {
        let run = DedupeRun(name: "a")
        try run.take(a.trade(1, id: "x"))
        #expect(throws: ToolFailure.self) { try run.take(a.snapshot(2)) }
    }

    // MARK: Lines

    @Test func otherLines_passByteForByte() throws {
        let run = DedupeRun()
        let lines = [
            #"{"v":1,"type":"quote","feed":"a","venue":"v","market":"M","instrument":"I","recv_us":1,"bid":null,"ask":null}"#,
            #"{"v":1,"type":"quote","feed":"a","venue":"v","market":"M","instrument":"I","recv_us":1,"bid":null,"ask":null}"#,
            #"{"recv_us":2}"#, #"{"v":2,"type":"tomorrow","recv_us":3}"#, #"{ "recv_us" : 4, "type":"x", "v":1 }"#,
            #"{"recv_us":5,"x":01}"#,
            #"{"v":1,"type":"stage_status","feed":"s","venue":"mktpipe","recv_us":6,"stage":"s","state":"heartbeat"}"#,
        ]
        for line in lines { try run.take(line) }
        #expect(run.output == lines)
    }

    @Test func bookTradeAndStatusLines_thatCannotBeRead_areMalformed() throws {
        let run = DedupeRun()
        try started(run)
        try run.take(a.delta(3, seq: 2, "[2,1]"))
        try run.take(#"{"v":2,"type":"trade","recv_us":4}"#)
        try run.take(#"{"v":1,"type":"feed_status","feed":"a","venue":"v","recv_us":5}"#)
        try run.take(a.snapshot(6, seq: 2, "[0.4,1]", "whim"))
        try run.take(a.trade(7, price: "2"))
        #expect(run.malformed == [.outOfRange(.bids), .version, .missing(.state), .wrongValue(.reason), .outOfRange(.price)])
        #expect(run.output == [])
        try run.take(a.delta(8, seq: 3))
        #expect(run.takeNews().first == "merge I 2 resync 40x2", "the hole is seen")
    }
}

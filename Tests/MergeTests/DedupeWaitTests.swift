import MarketModel
import Testing

@testable import mkt_merge

/// What is shown between the break of one source and the moment at which another has come as far.
@Suite struct DedupeWaitTests {
    private let a = FeedLines(feed: "a")
    private let b = FeedLines(feed: "b")
    private let second: Int64 = 1_000_000

    /// Both feeds know the book of the venue's time 1; a's is shown.
    private func started(_ run: DedupeRun) throws {
        try run.take(a.snapshot(1, venueTime: 1), from: 0, now: 1)
        try run.take(b.snapshot(2, venueTime: 1), from: 1, now: 2)
        _ = run.takeNews()
    }

    // MARK: Never back

    @Test func feedThatLacksAChange_isWaitedFor_untilItHasIt() throws {
        let run = DedupeRun()
        try started(run)
        try run.take(a.delta(10, seq: 2, "[0.4,3]", venueTime: 5), from: 0)
        try run.take(a.delta(11, seq: 3, "[0.4,4]", venueTime: 6), from: 0)
        _ = run.takeNews()
        try run.take(a.status(500_000, "disconnected"), from: 0)
        #expect(run.takeNews() == ["a disconnected "], "nothing is told while it waits")
        try run.take(b.delta(500_100, seq: 2, "[0.4,3]", venueTime: 5), from: 1)
        try run.take(b.snapshot(500_150, seq: 3, "[0.4,3]", "checkpoint"), from: 1)
        #expect(run.takeNews() == [])
        try run.take(b.delta(500_200, seq: 4, "[0.4,4]", venueTime: 6), from: 1)
        #expect(run.output.last?.contains("\"reason\":\"books of b: a says disconnected\"") == true)
        #expect(run.takeNews() == ["merge I 4 resync 40x4", "merge live [\"I\"]"])
        try run.take(b.delta(500_300, seq: 5, "[0.4,5]", venueTime: 7), from: 1)
        #expect(run.takeNews() == ["merge I 5 40x5"])
    }

    @Test func afterASecond_aGapIsTold_andTheLineThatCatchesUpEndsIt() throws {
        let run = DedupeRun()
        try started(run)
        try run.take(a.delta(10, seq: 2, "[0.4,3]", venueTime: 5), from: 0)
        run.end(0)
        _ = run.takeNews()
        try run.take(b.heartbeat(second + 9), from: 1)
        #expect(run.takeNews() == ["b heartbeat "])
        try run.take(b.heartbeat(second + 20), from: 1)
        #expect(run.output.first?.contains("\"recv_us\":\(second + 10),\"state\":\"gap\"") == true)
        #expect(run.output.first?.contains("\"since_us\":10,") == true)
        #expect(run.takeNews() == ["merge gap [\"I\"]", "b heartbeat "])
        try run.take(b.delta(second + 30, seq: 2, "[0.4,2],[0.1,1]", venueTime: 4), from: 1)
        #expect(run.takeNews() == [], "what it knows is older still")
        try run.take(b.delta(second + 40, seq: 3, "[0.4,3],[0.1,0]", venueTime: 5), from: 1)
        #expect(run.takeNews() == ["merge I 3 resync 40x3", "merge live [\"I\"]"])
    }

    @Test func equalLevelsOfAnOlderState_areNotTaken_whileTheOthersMayBeUnderWay() throws {
        let run = DedupeRun()
        try started(run)
        try run.take(a.delta(10, seq: 2, "[0.4,9]", venueTime: 5), from: 0)
        try run.take(a.delta(11, seq: 3, "[0.4,2]", venueTime: 6), from: 0)
        try run.take(a.status(12, "gap"), from: 0)
        _ = run.takeNews()
        try run.take(b.delta(20, seq: 2, "[0.4,9]", venueTime: 5), from: 1)
        #expect(run.takeNews() == [], "to show the book before it would have been to go back now")
        try run.take(b.delta(21, seq: 3, "[0.4,2]", venueTime: 6), from: 1)
        #expect(run.takeNews() == ["merge I 4 resync 40x2", "merge live [\"I\"]"])
    }

    @Test func equalLevelsOfAQuietBook_areTaken_atOnce() throws {
        let run = DedupeRun()
        try started(run)
        try run.take(a.snapshot(10, seq: 2, "[0.4,2]", "refresh", venueTime: 9), from: 0)
        try run.take(b.heartbeat(second + 10), from: 1)
        _ = run.takeNews()
        try run.take(a.status(second + 10, "gap"), from: 0)
        #expect(run.takeNews() == ["a gap ", "merge I 3 resync 40x2", "merge live [\"I\"]"])
    }

    @Test func equalLevels_areTaken_onceNothingCanBeUnderWay() throws {
        let run = DedupeRun()
        try started(run)
        try run.take(a.snapshot(10, seq: 2, "[0.4,2]", "refresh", venueTime: 9), from: 0)
        try run.take(a.status(700_000, "gap"), from: 0)
        _ = run.takeNews()
        try run.take(b.heartbeat(999_999), from: 1)
        #expect(run.takeNews() == ["b heartbeat "])
        try run.take(b.heartbeat(1_200_000), from: 1)
        #expect(run.takeNews() == ["merge I 3 resync 40x2", "merge live [\"I\"]", "b heartbeat "])
    }

    // MARK: One time of the venue's

    @Test func changesOfOneTime_areCounted() throws {
        let run = DedupeRun()
        try started(run)
        for (seq, size) in [(2, 3), (3, 4)] { try run.take(a.delta(10, seq: seq, "[0.4,\(size)]", venueTime: 5), from: 0) }
        try run.take(b.delta(11, seq: 2, "[0.4,3]", venueTime: 5), from: 1)
        try run.take(a.status(12, "gap"), from: 0)
        _ = run.takeNews()
        try run.take(b.heartbeat(13), from: 1)
        #expect(run.takeNews() == ["b heartbeat "])
        try run.take(b.delta(14, seq: 3, "[0.4,4]", venueTime: 5), from: 1)
        #expect(run.takeNews() == ["merge I 4 resync 40x4", "merge live [\"I\"]"])
    }

    @Test func moreChangesOfOneTime_areShown_atOnce() throws {
        let run = DedupeRun()
        try started(run)
        try run.take(a.delta(10, seq: 2, "[0.4,3]", venueTime: 5), from: 0)
        for (seq, size) in [(2, 3), (3, 4)] { try run.take(b.delta(11, seq: seq, "[0.4,\(size)]", venueTime: 5), from: 1) }
        try run.take(a.status(12, "gap"), from: 0)
        #expect(run.takeNews() == ["merge I 2 40x3", "a gap ", "merge I 3 resync 40x4", "merge live [\"I\"]"])
    }

    @Test func firstOfTwoChangesOfOneTime_isNotShown_afterBoth() throws {
        let run = DedupeRun()
        try started(run)
        for (seq, size) in [(2, 3), (3, 4)] { try run.take(a.delta(10, seq: seq, "[0.4,\(size)]", venueTime: 5), from: 0) }
        try run.take(b.delta(11, seq: 2, "[0.4,3]", venueTime: 5), from: 1)
        run.end(0)
        try run.take(b.heartbeat(3 * second), from: 1)
        #expect(run.takeNews() == ["merge I 2 40x3", "merge I 3 40x4", "merge gap [\"I\"]", "b heartbeat "])
    }

    // MARK: Without times of the venue's

    @Test func changesWithoutTimes_areWaitedFor_byTheirLevels() throws {
        let run = DedupeRun()
        try run.take(a.snapshot(1), from: 0)
        try run.take(b.snapshot(2), from: 1)
        try run.take(a.delta(10, seq: 2, "[0.4,3]"), from: 0)
        try run.take(a.delta(11, seq: 3, "[0.4,4]"), from: 0)
        try run.take(a.status(12, "gap"), from: 0)
        _ = run.takeNews()
        try run.take(b.delta(20, seq: 2, "[0.4,3]"), from: 1)
        #expect(run.takeNews() == [])
        try run.take(b.delta(21, seq: 3, "[0.4,4]"), from: 1)
        #expect(run.takeNews() == ["merge I 4 resync 40x4", "merge live [\"I\"]"])
    }

    @Test func bookWithoutTimes_thatWasToldLater_isTaken_onceNothingCanBeUnderWay() throws {
        let run = DedupeRun()
        try run.take(a.snapshot(1), from: 0)
        try run.take(b.snapshot(2, "[0.4,9]"), from: 1)
        try run.take(a.status(3, "gap"), from: 0)
        _ = run.takeNews()
        try run.take(b.heartbeat(900_000), from: 1)
        #expect(run.takeNews() == ["b heartbeat "])
        try run.take(b.heartbeat(second + 3), from: 1)
        #expect(run.takeNews() == ["merge I 2 resync 40x9", "merge live [\"I\"]", "b heartbeat "])
    }

    @Test func snapshotWithoutATime_isNoProof_untilAChangeTellsIt() throws {
        let run = DedupeRun()
        try started(run)
        try run.take(a.delta(10, seq: 2, "[0.4,3]", venueTime: 5), from: 0)
        try run.take(a.status(11, "gap"), from: 0)
        _ = run.takeNews()
        try run.take(b.snapshot(12, seq: 2, "[0.4,2],[0.1,1]", "refresh"), from: 1)
        #expect(run.takeNews() == [], "it came later and may be older")
        try run.take(b.delta(13, seq: 3, "[0.4,7]", venueTime: 6), from: 1)
        #expect(run.takeNews() == ["merge I 3 resync 40x7 10x1", "merge live [\"I\"]"])
    }

    @Test func checkpointBehindAHole_hasMore_thanItsTimesSay() throws {
        let run = DedupeRun()
        try started(run)
        try run.take(a.snapshot(10, seq: 5, "[0.4,7]", "checkpoint"), from: 0)
        try run.take(b.delta(11, seq: 2, "[0.4,3]", venueTime: 5), from: 1)
        try run.take(a.status(12, "gap"), from: 0)
        #expect(run.takeNews() == ["merge I 2 checkpoint 40x7", "a gap "])
        try run.take(b.delta(13, seq: 3, "[0.4,7]", venueTime: 6), from: 1)
        #expect(run.takeNews() == ["merge I 3 resync 40x7", "merge live [\"I\"]"])
    }

    @Test func ownNextSnapshotWithoutATime_isALaterBook() throws {
        let run = DedupeRun()
        try run.take(a.snapshot(1), from: 0)
        try run.take(a.status(2, "gap"), from: 0)
        try run.take(a.snapshot(3, seq: 2, "[0.4,9]", "resync"), from: 0)
        #expect(run.takeNews() == ["merge I 1 initial 40x2", "a gap ", "merge gap [\"I\"]", "merge I 2 resync 40x9", "merge live [\"I\"]"])
    }

    @Test func snapshotOfAnOlderTime_isShown_onlyALongTimeLater_andOfOneWhoMustKnow() throws {
        for (source, received, isAhead, isShown) in [
            (0, 500_000, false, false), (0, 2_000_000, false, true), (1, 500_000, true, false), (1, 2_000_000, false, false),
            (1, 2_000_000, true, true),
        ] as [(Int, Int64, Bool, Bool)] {
            let run = DedupeRun()
            try run.take(a.snapshot(1, venueTime: 9), from: 0)
            try run.take(a.status(2, "gap"), from: 0)
            try run.take(b.trade(3, id: "x", venueTime: isAhead ? 9 : 8), from: 1)
            _ = run.takeNews()
            let feed = source == 0 ? a : b
            try run.take(feed.snapshot(received, seq: 2, "[0.4,9]", "resync", venueTime: 5), from: source)
            #expect(run.takeNews().isEmpty == !isShown, "\(source) at \(received)")
        }
    }

    // MARK: While it waits

    @Test func feedShown_thatReturnsMeanwhile_isShownAgain() throws {
        for (venueTime, isNewer) in [(Int64(7), true), (4, false)] {
            let run = DedupeRun()
            try started(run)
            try run.take(a.delta(10, seq: 2, "[0.4,3]", venueTime: 5), from: 0)
            try run.take(a.status(11, "gap"), from: 0)
            _ = run.takeNews()
            try run.take(a.snapshot(20, seq: 3, "[0.4,6]", "resync", venueTime: venueTime), from: 0)
            #expect(run.takeNews() == (isNewer ? ["merge I 3 resync 40x6", "merge live [\"I\"]"] : []))
            #expect(run.dedupe.counts.switches == 0)
        }
    }

    @Test func feedWaitedFor_thatBreaksToo_isAGapAtOnce() throws {
        for isEnd in [false, true] {
            let run = DedupeRun()
            try started(run)
            try run.take(a.delta(10, seq: 2, "[0.4,3]", venueTime: 5), from: 0)
            try run.take(a.status(11, "gap"), from: 0)
            _ = run.takeNews()
            if isEnd { run.end(1) } else { try run.take(b.delta(12, seq: 9, venueTime: 5), from: 1) }
            #expect(run.output.last?.contains("\"reason\":\"a says gap, and nobody else has a good book\"") == true)
            #expect(run.takeNews() == ["merge gap [\"I\"]"])
        }
    }

    @Test func ofTwoThatAreWaitedFor_theFirstToComeIsShown() throws {
        let run = DedupeRun([.recorded, .recorded, .recorded])
        let c = FeedLines(feed: "c")
        try started(run)
        try run.take(c.snapshot(3, venueTime: 1), from: 2)
        try run.take(a.delta(10, seq: 2, "[0.4,3]", venueTime: 5), from: 0)
        run.end(0)
        _ = run.takeNews()
        try run.take(c.delta(11, seq: 2, "[0.4,3]", venueTime: 5), from: 2)
        try run.take(b.delta(12, seq: 2, "[0.4,3]", venueTime: 5), from: 1)
        try run.take(c.delta(13, seq: 3, "[0.4,4]", venueTime: 6), from: 2)
        #expect(run.takeNews() == ["merge I 3 resync 40x3", "merge live [\"I\"]", "merge I 4 40x4"])
        #expect(run.dedupe.counts.switches == 1)
    }

    @Test func silentFeed_whoseChangeTheOtherLacks_standsForASecond() throws {
        let run = DedupeRun(deadAfter: .micros(2 * second))
        try started(run)
        try run.take(a.delta(10, seq: 2, "[0.4,3]", venueTime: 5), from: 0)
        _ = run.takeNews()
        for time in [1, 2] { try run.take(b.heartbeat(Int64(time) * second), from: 1) }
        try run.take(b.heartbeat(2_900_000), from: 1)
        #expect(!run.takeNews().contains { $0.hasPrefix("merge") })
        try run.take(b.heartbeat(3_100_000), from: 1)
        #expect(run.takeNews() == ["merge gap [\"I\"]", "b heartbeat "])
    }

    @Test func live_linesThatCameInTime_areReadBeforeItIsGivenUp() throws {
        let run = DedupeRun([.live, .live])
        try started(run)
        try run.take(a.delta(10, seq: 2, "[0.4,3]", venueTime: 5), from: 0, now: 10)
        run.end(0, now: 20)
        _ = run.takeNews()
        run.busyInputs = [1]
        run.pass(to: 5 * second)
        #expect(run.takeNews() == [], "we were held up, not the feed")
        try run.take(b.delta(30, seq: 2, "[0.4,3]", venueTime: 5), from: 1, now: 5 * second)
        #expect(run.takeNews() == ["merge I 3 resync 40x3", "merge live [\"I\"]"])
    }

    @Test func live_afterASecondWithoutAWord_isAGap() throws {
        let run = DedupeRun([.live, .live])
        try started(run)
        try run.take(a.delta(10, seq: 2, "[0.4,3]", venueTime: 5), from: 0, now: 10)
        run.end(0, now: 20)
        run.pass(to: second + 19)
        #expect(run.takeNews() == ["merge I 2 40x3"])
        #expect(run.dedupe.waitMicros(nowMicros: second + 19) == 1)
        run.pass(to: second + 20)
        #expect(run.takeNews() == ["merge gap [\"I\"]"])
    }

    @Test func feedThatIsTrustedAgain_isLookedAfter_untilNothingCanBeUnderWay() throws {
        let run = DedupeRun(deadAfter: .micros(2 * second))
        try run.take(b.snapshot(1), from: 1)
        try run.take(a.snapshot(2), from: 0)
        // a says nothing for 2 s and talks again at 3 s; b breaks meanwhile.
        try run.take(b.heartbeat(second), from: 1)
        try run.take(b.heartbeat(2_500_000), from: 1)
        try run.take(a.heartbeat(3 * second), from: 0)
        try run.take(a.delta(3_499_000, seq: 2), from: 0)
        try run.take(b.delta(3_500_000, seq: 2), from: 1)
        try run.take(b.status(3_600_000, "gap"), from: 1)
        #expect(run.takeNews().last == "merge gap [\"I\"]")
        try run.take(a.heartbeat(4_400_000), from: 0)
        #expect(run.takeNews() == ["a heartbeat "])
        try run.take(a.heartbeat(4_600_000), from: 0)
        #expect(run.takeNews() == ["merge I 3 resync 40x3", "merge live [\"I\"]", "a heartbeat "])
    }
}

import MarketModel
import Testing

@testable import mkt_merge

/// Silence, lateness and the clocks that they are measured by.
@Suite struct DedupeTimeTests {
    private let a = FeedLines(feed: "a")
    private let b = FeedLines(feed: "b")
    private let second: Int64 = 1_000_000

    private func started(_ run: DedupeRun) throws {
        try run.take(a.snapshot(1), from: 0)
        try run.take(b.snapshot(2), from: 1)
        _ = run.takeNews()
    }

    // MARK: Silence

    @Test func silentFeed_isDead_twelveSecondsAfterItsLastLine() throws {
        let run = DedupeRun()
        try started(run)
        try run.take(a.heartbeat(second), from: 0)
        for time in 2...12 { try run.take(b.heartbeat(Int64(time) * second), from: 1) }
        #expect(!run.takeNews().contains { $0.hasPrefix("merge") })
        try run.take(b.heartbeat(13 * second + 5), from: 1)
        #expect(run.output.first?.contains("\"recv_us\":13000000,") == true, "told at the time when it was due")
        #expect(run.takeNews() == ["merge I 2 resync 40x2", "merge live [\"I\"]", "b heartbeat "])
    }

    @Test func patience_isTheHeartbeatIntervalAndAFifth() throws {
        let run = DedupeRun()
        try started(run)
        for beat in 1...4 {
            try run.take(a.heartbeat(Int64(beat) * 2 * second), from: 0)
            try run.take(b.heartbeat(Int64(beat) * 2 * second + 5), from: 1)
        }
        _ = run.takeNews()
        try run.take(b.heartbeat(10 * second), from: 1)
        try run.take(b.heartbeat(10 * second + 399_999), from: 1)
        #expect(!run.takeNews().contains { $0.hasPrefix("merge") })
        try run.take(b.heartbeat(10 * second + 400_000), from: 1)
        #expect(run.takeNews().first == "merge I 2 resync 40x2")
    }

    @Test func feedWithoutHeartbeats_isGivenUp_onlyForOneThatTalks() throws {
        let run = DedupeRun()
        try run.take(a.snapshot(1), from: 0)
        try run.take(a.trade(100 * second, id: "x"), from: 0)
        try run.take(a.delta(200 * second, seq: 2), from: 0)
        #expect(run.takeNews() == ["merge I 1 initial 40x2", "a trade", "merge I 2 40x3"])
        try run.take(b.snapshot(201 * second), from: 1)
        try run.take(b.trade(212_500_000, id: "y"), from: 1)
        #expect(run.takeNews().first == "merge I 3 resync 40x2")
    }

    @Test func deadAfter_isObeyed_andZeroIsNever() throws {
        let run = DedupeRun(deadAfter: .micros(500_000))
        try run.take(a.snapshot(1))
        try run.take(b.heartbeat(600_000), from: 1)
        #expect(run.takeNews() == ["merge I 1 initial 40x2", "merge gap [\"I\"]", "b heartbeat "])
        let patient = DedupeRun(deadAfter: .never)
        try patient.take(a.snapshot(1))
        try patient.take(b.heartbeat(600 * second), from: 1)
        #expect(patient.takeNews() == ["merge I 1 initial 40x2", "b heartbeat "])
    }

    @Test func feedThatWakes_isBelieved_onlyAfterASecond() throws {
        let run = DedupeRun(deadAfter: .micros(2 * second))
        try run.take(a.snapshot(1))
        try run.take(a.heartbeat(5 * second))
        #expect(run.takeNews() == ["merge I 1 initial 40x2", "merge gap [\"I\"]", "a heartbeat "])
        try run.take(a.delta(5_500_000, seq: 2))
        #expect(run.takeNews() == [])
        try run.take(a.delta(6_100_000, seq: 3, "[0.4,4]"))
        #expect(run.takeNews() == ["merge I 2 resync 40x3", "merge live [\"I\"]", "merge I 3 40x4"])
    }

    @Test func feedThatWakesAndBreaks_isNotShown() throws {
        let run = DedupeRun(deadAfter: .micros(2 * second))
        try run.take(a.snapshot(1))
        try run.take(a.heartbeat(5 * second))
        try run.take(a.status(5_500_000, "disconnected"))
        _ = run.takeNews()
        try run.take(a.heartbeat(6_900_000))
        #expect(run.takeNews() == ["a heartbeat "])
    }

    @Test func live_silenceRunsOnOurClock_andMustBeSeen() throws {
        let run = DedupeRun([.live, .live], deadAfter: .micros(second))
        try run.take(a.snapshot(1_000), from: 0, now: 70 * second)
        try run.take(b.snapshot(1_001), from: 1, now: 70 * second)
        _ = run.takeNews()
        try run.take(b.heartbeat(900_001), from: 1, now: 70_900_000)
        _ = run.takeNews()
        run.busyInputs = [0]
        run.pass(to: 71_000_000)
        #expect(run.takeNews() == [], "its lines may lie in the pipe")
        run.busyInputs = []
        run.pass(to: 71_040_000)
        #expect(run.takeNews() == [], "asked again only after a while")
        run.pass(to: 71_060_000)
        #expect(run.output.first?.contains("\"recv_us\":1060001,") == true, "the stream's time and what has passed since")
        #expect(run.takeNews() == ["merge I 2 resync 40x2", "merge live [\"I\"]"])
    }

    @Test func live_silenceOfOneFeedInABusyPipe_isSeenByTheOther() throws {
        let run = DedupeRun([.live], deadAfter: .micros(second))
        try run.take(a.snapshot(1), now: 1)
        try run.take(b.snapshot(2), now: 2)
        try run.take(b.heartbeat(3), now: second + 10)
        run.busyInputs = [0]
        _ = run.takeNews()
        run.pass(to: second + 20)
        #expect(run.takeNews() == ["merge I 2 resync 40x2", "merge live [\"I\"]"])
    }

    // MARK: Lateness

    @Test func feedShown_thatLacksAChangeForASecond_isLeft() throws {
        let run = DedupeRun()
        try started(run)
        try run.take(b.delta(10, seq: 2, "[0.4,3]", venueTime: 5), from: 1)
        try run.take(a.heartbeat(999_999), from: 0)
        #expect(!run.takeNews().contains { $0.hasPrefix("merge") })
        try run.take(a.heartbeat(1_110_000), from: 0)
        #expect(run.takeNews() == ["merge I 2 resync 40x3", "merge live [\"I\"]", "a heartbeat "])
        try run.take(a.delta(1_200_000, seq: 2, "[0.4,3]", venueTime: 5), from: 0)
        try run.take(a.delta(1_300_000, seq: 3, "[0.4,1]", venueTime: 6), from: 0)
        try run.take(b.delta(1_400_000, seq: 3, "[0.4,1]", venueTime: 6), from: 1)
        #expect(run.takeNews() == ["merge I 3 40x1"], "and does not come back")
    }

    @Test func feedShown_thatCatchesUp_orHasTheSameBook_stays() throws {
        let run = DedupeRun()
        try started(run)
        try run.take(b.delta(10, seq: 2, "[0.4,3]", venueTime: 5), from: 1)
        try run.take(a.delta(900_000, seq: 2, "[0.4,3]", venueTime: 5), from: 0)
        try run.take(b.snapshot(1_000_000, seq: 3, "[0.4,3]", "refresh", venueTime: 9), from: 1)
        try run.take(a.heartbeat(3_000_000), from: 0)
        #expect(run.takeNews() == ["merge I 2 40x3", "a heartbeat "])
    }

    @Test func newBookWithoutAVenueTime_countsIfItsFeedIsAhead() throws {
        for isAhead in [true, false] {
            let run = DedupeRun()
            try started(run)
            try run.take((isAhead ? a : b).trade(3, id: "x", venueTime: 100), from: isAhead ? 0 : 1)
            try run.take((isAhead ? b : a).trade(3, id: "y", venueTime: 200), from: isAhead ? 1 : 0)
            try run.take(b.snapshot(10, seq: 2, "[0.2,1]", "refresh"), from: 1)
            _ = run.takeNews()
            try run.take(a.heartbeat(1_500_000), from: 0)
            #expect(run.takeNews().contains("merge I 2 resync 20x1") == isAhead)
        }
    }

    @Test func otherFeedThatIsBehind_isNotShown_whenTheOneShownBreaks() throws {
        let run = DedupeRun()
        try started(run)
        try run.take(a.delta(10, seq: 2, "[0.4,3]", venueTime: 5), from: 0)
        try run.take(b.heartbeat(1_900_000), from: 1)
        try run.take(a.status(2_000_000, "gap"), from: 0)
        try run.take(b.heartbeat(3_000_000), from: 1)
        #expect(run.takeNews() == ["merge I 2 40x3", "b heartbeat ", "a gap ", "merge gap [\"I\"]", "b heartbeat "])
        try run.take(b.snapshot(3_100_000, seq: 2, "[0.4,2]", "checkpoint"), from: 1)
        #expect(run.takeNews() == [], "what it repeats is as old")
        try run.take(b.delta(3_200_000, seq: 3, "[0.4,3]", venueTime: 5), from: 1)
        #expect(run.takeNews() == ["merge I 3 resync 40x3", "merge live [\"I\"]"])
    }

    @Test func ofThree_theNewestIsShown() throws {
        let run = DedupeRun([.recorded, .recorded, .recorded])
        let c = FeedLines(feed: "c")
        try started(run)
        try run.take(c.snapshot(3), from: 2)
        try run.take(a.delta(10, seq: 2, "[0.4,3]", venueTime: 5), from: 0)
        try run.take(c.delta(11, seq: 2, "[0.4,3]", venueTime: 5), from: 2)
        try run.take(a.status(20, "gap"), from: 0)
        #expect(run.takeNews().contains("merge I 3 resync 40x3"))
    }

    @Test func ofThree_theOneThatIsAhead_isShownInsteadOfTheOneBehind() throws {
        let run = DedupeRun([.recorded, .recorded, .recorded])
        let c = FeedLines(feed: "c")
        try started(run)
        try run.take(a.delta(5, seq: 2, "[0.4,3]", venueTime: 5), from: 0)
        try run.take(b.delta(6, seq: 2, "[0.4,3]", venueTime: 5), from: 1)
        try run.take(c.trade(7, id: "x", venueTime: 100), from: 2)
        try run.take(c.snapshot(8, "[0.3,1]"), from: 2)
        _ = run.takeNews()
        try run.take(a.heartbeat(1_500_000), from: 0)
        #expect(run.takeNews().first == "merge I 3 resync 30x1")
    }

    // MARK: Strange times

    @Test func linesThatTheTimeOfAnEndHasOvertaken_areNotOlderThanIt() throws {
        let run = DedupeRun([.live, .live])
        try run.take(a.snapshot(1), from: 0, now: 1)
        try run.take(b.snapshot(2), from: 1, now: 2)
        _ = run.takeNews()
        run.end(0, now: 5_002)
        #expect(run.output.first?.contains("\"recv_us\":5002,") == true)
        try run.take(b.delta(2_410, seq: 2, venueTime: 5), from: 1, now: 5_010)
        #expect(run.output.last?.contains("\"recv_us\":5002,") == true, "their own recv_us would run backwards")
        try run.take(b.delta(5_003, seq: 3, venueTime: 6), from: 1, now: 5_020)
        #expect(run.output.last?.contains("\"recv_us\":5003,") == true)
    }

    @Test func timesAtTheEndOfTime_doNoHarm() throws {
        let run = DedupeRun()
        for time in [Int64.min, -1, 0, Int64.max, 5] {
            try run.take(a.snapshot(time, venueTime: time), from: 0)
            try run.take(a.heartbeat(time), from: 0)
            try run.take(b.delta(time, seq: 1, venueTime: time), from: 1)
            try run.take(b.trade(time, tx: "x", venueTime: time), from: 1)
        }
        run.end(0)
        run.end(1)
        #expect(run.malformed.isEmpty)
    }
}

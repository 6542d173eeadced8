import FeedSession
import MarketModel
import TestSupport
import Testing

/// Timers, on the times that are handed in and no others.
@Suite struct FeedEngineTests {
    private func times(_ lines: [String]) -> [String] {
        lines.map { line in
            let kind =
                line.contains("heartbeat") ? "beat" : line.contains("checkpoint") ? "check" : line.contains("stale") ? "stale" : "other"
            return "\(kind) \(line.split(separator: "\"recv_us\":").last!.prefix { $0.isNumber })"
        }
    }

    @Test func heartbeats_comeAtTheirTimes_countedFromTheFirstThing() throws {
        let paper = try Paper(["--heartbeat", "10s"])
        try paper.open(1, 1_500_000)
        _ = try paper.lines()
        try paper.engine.pass(to: .init(micros: 11_499_999))
        #expect(try paper.lines().isEmpty)
        try paper.engine.pass(to: .init(micros: 45_000_000))
        #expect(try times(paper.lines()) == ["beat 11500000", "beat 21500000", "beat 31500000", "beat 41500000"])
    }

    @Test func heartbeat_carriesCounters_inRisingOrder_andNoConnection() throws {
        let paper = try Paper(["--heartbeat", "10s"])
        try paper.open(1, 0)
        try paper.receive("book 500000 1000000", 1)
        _ = try paper.lines()
        try paper.engine.pass(to: .init(micros: 10_000_000))
        #expect(
            try paper.lines() == [
                #"feed_status,"recv_us":10000000,"state":"heartbeat","counters":{"frames_in":1,"lines_book_snapshot":1,"lines_feed_status":1,"lines_instrument":1,"status_connecting":1}}"#
            ])
    }

    @Test func checkpoints_areSnapshotsOfKnownBooks_withRisingSeq() throws {
        let paper = try Paper(["--checkpoint", "60s"])
        try paper.open(1, 0)
        try paper.engine.pass(to: .init(micros: 60_000_000))
        try paper.receive("book 500000 1000000", 61_000_000)
        _ = try paper.lines()
        try paper.engine.pass(to: .init(micros: 180_000_000))
        #expect(
            try paper.lines() == [
                #"book_snapshot,"conn":1,"seq":2,"recv_us":120000000,"bids":[[0.5,1]],"asks":[[0.9,5]],"reason":"checkpoint"}"#,
                #"book_snapshot,"conn":1,"seq":3,"recv_us":180000000,"bids":[[0.5,1]],"asks":[[0.9,5]],"reason":"checkpoint"}"#,
            ])
    }

    @Test func timersOfOneMoment_comeInAFixedOrder_staleBooksAreNoCheckpoint() throws {
        let paper = try Paper(["--checkpoint", "30s", "--heartbeat", "15s", "--stale-after", "30s"])
        try paper.open(1, 0)
        try paper.receive("book 500000 1000000", 0)
        paper.venue.nextDeadline = Timestamp(micros: 30_000_000)
        _ = try paper.lines()
        try paper.receive("PONG", 30_000_000)
        #expect(try times(paper.lines()) == ["beat 15000000", "stale 30000000", "beat 30000000"])
        #expect(Array(paper.venue.calls.suffix(3)) == ["passed 30000000", "stale 1 30000000", "raw 1 PONG 30000000"])
    }

    @Test func timersDueBefore_comeBeforeTheThingItself() throws {
        let paper = try Paper(["--heartbeat", "10s", "--checkpoint", "25s"])
        try paper.open(1, 0)
        try paper.receive("book 500000 1000000", 1)
        _ = try paper.lines()
        try paper.receive("book 600000 1000000", 50_000_000)
        #expect(
            try times(paper.lines()) == [
                "beat 10000000", "beat 20000000", "check 25000000", "beat 30000000", "beat 40000000", "check 50000000", "beat 50000000",
                "other 50000000",
            ])
    }

    @Test func timesThatRunBackwards_moveNoTimer() throws {
        let paper = try Paper(["--heartbeat", "10s"])
        try paper.open(1, 100_000_000)
        for time in [95, 50, 0, 99, 100, 109] as [Int64] { try paper.receive("PONG", time * 1_000_000) }
        #expect(try paper.lines().count == 1)
        #expect(paper.engine.time.micros == 109_000_000)
        try paper.receive("PONG", 1)
        #expect(paper.engine.time.micros == 109_000_000)
        try paper.receive("PONG", 110_000_000)
        #expect(try times(paper.lines()) == ["beat 110000000"])
    }

    @Test func venuesDeadlineInThePast_isCalledOnce_atTheTimeItWasFound() throws {
        let paper = try Paper()
        try paper.open(1, 100)
        paper.venue.nextDeadline = Timestamp(micros: 50)
        try paper.engine.pass(to: .init(micros: 101))
        #expect(paper.venue.calls.last == "passed 100")
    }

    @Test func leapOfMoreThanADay_isNotMadeUpFor() throws {
        let paper = try Paper(["--heartbeat", "10s", "--checkpoint", "60s", "--stale-after", "30s"])
        try paper.open(1, 0)
        try paper.receive("book 500000 1000000", 0)
        _ = try paper.lines()
        let late: Int64 = 1_790_000_000_000_000
        try paper.receive("PONG", late)
        #expect(try times(paper.lines()) == ["stale 30000000"])
        try paper.engine.pass(to: .init(micros: late + 10_000_000))
        #expect(try times(paper.lines()) == ["beat \(late + 10_000_000)"])
        // A day itself is.
        let day = try Paper(["--heartbeat", "1h"])
        try day.open(1, 0)
        try day.engine.pass(to: .init(micros: 86_400_000_000))
        #expect(try day.lines().count == 25)
    }

    @Test func sameThings_giveTheSameBytes() throws {
        var all: [[String]] = []
        for _ in 0..<2 {
            let paper = try Paper(["--heartbeat", "7s", "--checkpoint", "11s", "--stale-after", "13s"])
            var chance = SeededGenerator(seed: 5)
            var time: Int64 = 0
            try paper.open(1, 0)
            for _ in 0..<500 {
                time += Int64(chance.below(3_000_000)) - 200_000
                try paper.receive(chance.pick(["PONG", "trade", "book 500000 1000000", "book 400000 2000000"]), max(time, 0))
            }
            try paper.engine.stop()
            all.append(try paper.lines())
        }
        #expect(all[0] == all[1] && all[0].count > 300)
    }

    @Test func stop_isTheLastLine_withCounters() throws {
        let paper = try Paper()
        try paper.open(1, 5)
        try paper.engine.stop()
        #expect(
            try paper.lines().last
                == #"feed_status,"recv_us":5,"state":"stopped","counters":{"lines_feed_status":1,"status_connecting":1}}"#)
    }
}

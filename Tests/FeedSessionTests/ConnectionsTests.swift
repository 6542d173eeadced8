import FeedSession
import Testing

/// Sockets, by what is told of them.
@Suite struct ConnectionsTests {
    private let stale = ["--stale-after", "30s"]

    @Test func openAndClose_areTold_withTheTimeOfTheLastData() throws {
        let paper = try Paper(stale)
        try paper.open(1, 10)
        try paper.receive("+", 20)
        try paper.receive("PONG", 30)
        try paper.drop(1, 40, reason: "slow consumer")
        #expect(
            try paper.lines() == [
                #"feed_status,"conn":1,"recv_us":10,"state":"connecting"}"#,
                #"feed_status,"conn":1,"recv_us":40,"state":"disconnected","reason":"close 1013 slow consumer","since_us":20}"#,
            ])
        #expect(paper.venue.calls == ["open 1 10", "raw 1 + 20", "raw 1 PONG 30", "close 1 40"])
    }

    @Test func closeOfASocketThatWasNeverOpened_isToldSinceThen() throws {
        let paper = try Paper()
        try paper.drop(3, 40)
        #expect(try paper.lines() == [#"feed_status,"conn":3,"recv_us":40,"state":"disconnected","reason":"close 1006","since_us":40}"#])
    }

    @Test func silenceOfData_isStaleToTheMicrosecond_andOnce() throws {
        let paper = try Paper(stale)
        try paper.open(1, 1_000_000)
        try paper.receive("+", 2_000_000)
        for second in 3...31 { try paper.receive("PONG", Int64(second) * 1_000_000) }
        _ = try paper.lines()
        try paper.receive("PONG", 31_999_999)
        #expect(try paper.lines().isEmpty)
        try paper.receive("PONG", 32_000_000)
        #expect(try paper.lines() == [#"feed_status,"conn":1,"recv_us":32000000,"state":"stale","reason":"no data","since_us":2000000}"#])
        try paper.receive("PONG", 99_000_000)
        #expect(try paper.lines().isEmpty)
        #expect(paper.venue.calls.filter { $0.hasPrefix("stale") } == ["stale 1 32000000"])
    }

    @Test func staleIsToldAtItsOwnTime_alsoWhereTheNextThingComesLate() throws {
        let paper = try Paper(stale)
        try paper.open(1, 0)
        try paper.receive("+", 500_000_000)
        let lines = try paper.lines()
        #expect(lines[1] == #"feed_status,"conn":1,"recv_us":30000000,"state":"stale","reason":"no data","since_us":0}"#)
        #expect(lines[2].hasPrefix(#"feed_status,"conn":1,"recv_us":500000000,"state":"live","reason":"data again"#))
        #expect(lines.count == 3)
    }

    @Test func everySocket_isStaleByItself() throws {
        let paper = try Paper(stale)
        try paper.open(1, 0)
        try paper.open(2, 5_000_000)
        try paper.receive("+", conn: 1, 20_000_000)
        _ = try paper.lines()
        try paper.receive("PONG", conn: 1, 60_000_000)
        #expect(
            try paper.lines().map { $0.prefix(39) } == [
                #"feed_status,"conn":2,"recv_us":35000000"#, #"feed_status,"conn":1,"recv_us":50000000"#,
            ])
    }

    @Test func closedSocket_isNeverStale() throws {
        let paper = try Paper(stale)
        try paper.open(1, 0)
        try paper.drop(1, 10)
        _ = try paper.lines()
        try paper.engine.pass(to: .init(micros: 90_000_000))
        #expect(try paper.lines().isEmpty)
    }

    @Test func dataOfASocketThatWasUpBeforeTheRecording_countsFromThere() throws {
        let paper = try Paper(stale)
        try paper.receive("+", conn: 7, 1_000_000)
        try paper.engine.pass(to: .init(micros: 31_000_000))
        #expect(try paper.lines() == [#"feed_status,"conn":7,"recv_us":31000000,"state":"stale","reason":"no data","since_us":1000000}"#])
    }

    @Test func staleAfterZero_isNever() throws {
        let paper = try Paper()
        try paper.open(1, 0)
        try paper.engine.pass(to: .init(micros: 80_000_000_000))
        #expect(try paper.lines().count == 1 && paper.engine.nextDeadline == nil)
    }

    @Test func dataWithATimeOfThePast_doesNotMakeASocketOlder() throws {
        let paper = try Paper(stale)
        try paper.open(1, 10_000_000)
        try paper.receive("+", 20_000_000)
        try paper.receive("+", 5_000_000)
        _ = try paper.lines()
        try paper.engine.pass(to: .init(micros: 49_999_999))
        #expect(try paper.lines().isEmpty)
        try paper.engine.pass(to: .init(micros: 50_000_000))
        #expect(try paper.lines().count == 1)
    }
}

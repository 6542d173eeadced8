import Testing
import UnixTool

@testable import mkt_merge

@Suite struct RunClockTests {
    private func clock(_ arguments: String..., start: Int64 = 1000) throws -> RunClock {
        var settings = Settings(tool: "mkt-merge", environment: [:], file: nil)
        return RunClock(try CommonSettings(CommonOptions.parse(arguments), &settings), startMicros: start)
    }

    @Test func heartbeat_comesAfterItsSpan_countedFromTheLast() throws {
        var clock = try clock("--heartbeat", "1ms")
        #expect(clock.waitMicros(nowMicros: 1200) == 800)
        let beats = [1999, 2500, 3400, 3500].map { clock.takeBeat(nowMicros: $0) }
        #expect(beats == [false, true, false, true])
    }

    @Test func heartbeatOfZero_neverComes() throws {
        var clock = try clock("--heartbeat", "0")
        let isDue = clock.takeBeat(nowMicros: .max)
        #expect(!isDue)
        #expect(clock.waitMicros(nowMicros: 5000) == .max)
    }

    @Test func duration_isOverAtItsEnd() throws {
        let clock = try clock("--duration", "5us", "--heartbeat", "0")
        #expect(!clock.isOver(nowMicros: 1004))
        #expect(clock.isOver(nowMicros: 1005))
        #expect(clock.waitMicros(nowMicros: 1002) == 3)
    }

    @Test func drain_isOverAfterItsSpan_fromTheSignal() throws {
        var clock = try clock("--drain", "10us")
        #expect(!clock.isStopping)
        #expect(!clock.isOver(nowMicros: 9000))
        clock.stop(nowMicros: 9000)
        #expect(clock.isStopping)
        #expect(!clock.isOver(nowMicros: 9009))
        #expect(clock.isOver(nowMicros: 9010))
    }
}

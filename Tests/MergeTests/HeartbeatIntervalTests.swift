import Testing

@testable import mkt_merge

@Suite struct HeartbeatIntervalTests {
    private func interval(_ times: [Int64]) -> Int64? {
        var interval = HeartbeatInterval()
        for time in times { interval.note(received: time * 1_000_000) }
        return interval.micros.map { $0 / 1_000_000 }
    }

    @Test func threeHeartbeats_giveIt_andFewerDoNot() {
        #expect(interval([10]) == nil)
        #expect(interval([10, 20]) == nil)
        #expect(interval([10, 20, 30]) == 10)
        #expect(interval([10, 20, 31]) == 11)
    }

    @Test func stall_doesNotChangeIt() {
        // Four were due in the meantime and came at once; the next was in time and so came early.
        #expect(interval([10, 20, 30, 40, 85, 85, 85, 85, 90]) == 10)
        #expect(interval([10, 20, 30, 40, 85, 85, 85, 85, 90, 100, 110]) == 10)
    }

    @Test func newRhythm_isLearnt() {
        #expect(interval([10, 20, 30, 40, 41, 42, 43]) == 1)
    }

    @Test func timesThatRunBackwards_doNoHarm() {
        #expect(interval([10, 20, 5, 30, 40, .min / 1_000_000, .max / 1_000_000]) == 10)
    }
}

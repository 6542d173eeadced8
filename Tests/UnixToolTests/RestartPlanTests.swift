import Testing

@testable import UnixTool

@Suite struct RestartPlanTests {
    @Test func waits_doubleUpToHalfAMinute() {
        var plan = RestartPlan()
        #expect(plan.dueMicros == nil)
        let waits = (0..<8).map { _ in plan.note(startMicros: 0, nowMicros: 5) / 1_000_000 }
        #expect(waits == [1, 2, 4, 8, 16, 30, 30, 30])
        #expect(plan.dueMicros == 30_000_005)
    }

    @Test func aMinuteOfWork_beginsAnew() {
        var plan = RestartPlan()
        for _ in 0..<4 { _ = plan.note(startMicros: 0, nowMicros: 59_999_999) }
        #expect(plan.note(startMicros: 0, nowMicros: 60_000_000) == 1_000_000)
        #expect(plan.note(startMicros: 0, nowMicros: 1) == 2_000_000)
    }
}

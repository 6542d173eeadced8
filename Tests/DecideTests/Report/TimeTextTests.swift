import TestSupport
import Testing

@testable import mkt_decide

@Suite struct TimeTextTests {
    @Test(arguments: UInt64(1)...200)
    func ticks_areFew_rising_inRange_andEvenlyApart(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let low = Int64.random(in: -1_000_000_000_000_000...2_000_000_000_000_000, using: &random)
        let span: Int64 = 1 << Int64(random.below(60))
        let ticks = TimeTicks(from: low, to: low + span).ticks
        let times = ticks.map(\.time)
        #expect(times.count <= 9)
        #expect(times.allSatisfy { $0 >= low && $0 <= low + span })
        let gaps = Set(zip(times, times.dropFirst()).map { $1 - $0 })
        #expect(gaps.count <= 1 && gaps.allSatisfy { $0 > 0 })
        // Read from left to right, no two labels mean the same moment.
        var date = ""
        let moments = ticks.map { tick in
            date = tick.date ?? date
            return "\(date) \(tick.label)"
        }
        #expect(Set(moments).count == ticks.count)
    }

    @Test func dates_standWhereADayBegins() {
        let hour: Int64 = 3_600_000_000
        let ticks = TimeTicks(from: 21 * hour, to: 27 * hour).ticks
        #expect(ticks.map(\.label) == ["21:00", "22:00", "23:00", "00:00", "01:00", "02:00", "03:00"])
        #expect(ticks.map(\.date) == ["1970-01-01", nil, nil, "1970-01-02", nil, nil, nil])
        #expect(TimeTicks(from: 0, to: 72 * hour).ticks.map(\.label).prefix(3) == ["00:00", "12:00", "00:00"])
        #expect(TimeTicks(from: 0, to: 10 * 24 * hour).ticks.map(\.label).prefix(2) == ["1970-01-01", "1970-01-03"])
        #expect(TimeTicks(from: 0, to: 400_000).ticks.map(\.label).prefix(2) == ["00:00:00.0", "00:00:00.1"])
        #expect(
            TimeTicks(from: 0, to: 3).ticks.map(\.label) == ["00:00:00.000000", "00:00:00.000001", "00:00:00.000002", "00:00:00.000003"])
        #expect(!TimeTicks(from: .min, to: .max).ticks.isEmpty)
    }
}

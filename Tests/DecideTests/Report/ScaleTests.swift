import TestSupport
import Testing

@testable import mkt_decide

@Suite struct ScaleTests {
    @Test(arguments: UInt64(1)...50)
    func places_areTheNearestTenths(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let size = [10, 1_000_000, Int.max][random.below(3)]
        let low = Int128(random.below(size)) - Int128(size / 2)
        let high = low + 1 + Int128(random.below(size))
        let isUpward = random.chance(2)
        let scale = LinearScale(low: low, high: high, start: isUpward ? 2400 : 900, end: isUpward ? 120 : 9320)
        let room = Int128(abs(scale.end - scale.start))
        var before = -1
        for step in 0...20 {
            let value = low + (high - low) * Int128(step) / 20
            let distance = abs(scale.place(value) - scale.start)
            // Twice the error is at most one tenth.
            #expect(abs(2 * (Int128(distance) * (high - low) - (value - low) * room)) <= high - low)
            #expect(distance >= before)
            before = distance
        }
        #expect(scale.place(low) == scale.start && scale.place(high) == scale.end)
        #expect(scale.place(low - 5) == scale.start && scale.place(high + 5) == scale.end)
    }

    @Test(arguments: UInt64(1)...100)
    func ticks_areRoundAndFew_andHoldAllValues(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let size = [3, 1000, 50_000_000, Int.max][random.below(4)]
        let low = Int128(random.below(size)) - Int128(size / 2)
        let high = low + Int128(random.below(size))
        let ticks = RoundTicks(from: low, to: high)
        var digits = String(ticks.step)
        while digits.last == "0" { digits.removeLast() }
        #expect(["1", "2", "5"].contains(digits))
        #expect(ticks.low <= low && ticks.high >= high && ticks.low < ticks.high)
        let isTight = ticks.high < high + ticks.step
        #expect(ticks.low > low - ticks.step)
        #expect(isTight || ticks.high == ticks.low + ticks.step)
        #expect((2...7).contains(ticks.ticks.count))
        #expect(ticks.ticks.allSatisfy { $0 % ticks.step == 0 } && ticks.ticks.last == ticks.high)
        #expect(ticks.ticks.contains(0) == (ticks.low <= 0 && ticks.high >= 0))
    }

    @Test func countsHaveNoTicksBetweenThem() {
        #expect(RoundTicks(from: 0, to: 3).ticks == [0, 1, 2, 3])
        #expect(RoundTicks(from: 0, to: 0).ticks == [0, 1])
    }
}

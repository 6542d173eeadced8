import MarketModel
import TestSupport
import Testing

@testable import FeedSession

/// The time of everything that is told never runs backwards, and is the system's wherever that does not.
@Suite struct SteadyClockTests {
    @Test func clocksThatAgree_giveTheSystemsTime() {
        var clock = SteadyClock(realMicros: 1_000_000, monotonicMicros: 50)
        #expect(clock.read(realMicros: 1_000_000, monotonicMicros: 50).micros == 1_000_000)
        #expect(clock.read(realMicros: 1_500_000, monotonicMicros: 500_050).micros == 1_500_000)
        #expect(clock.behindMicros == 0)
    }

    @Test func clockFoundAhead_isFollowedAtOnce() {
        var clock = SteadyClock(realMicros: 1_000_000, monotonicMicros: 0)
        #expect(clock.read(realMicros: 90_000_000, monotonicMicros: 10).micros == 90_000_000)
    }

    @Test func clockSetBack_isMetAtHalfSpeed() {
        var clock = SteadyClock(realMicros: 100_000_000, monotonicMicros: 0)
        // Set back by 10 s; readings every 100 ms.
        var times: [Int64] = []
        for step in 1...250 as ClosedRange<Int64> {
            times.append(clock.read(realMicros: 90_000_000 + step * 100_000, monotonicMicros: step * 100_000).micros)
            if step == 1 { #expect(clock.behindMicros == 10_000_000) }
        }
        #expect(times[0] == 100_050_000 && times[99] == 105_000_000)
        // They meet after twice the step, and are one from there on.
        #expect(times[198] > 109_900_000 && times[249] == 90_000_000 + 25_000_000 && clock.behindMicros == 0)
    }

    @Test func readingAfterALongPause_isNotBeforeTheSystemsTime() {
        var clock = SteadyClock(realMicros: 100_000_000, monotonicMicros: 0)
        // Set back by 200 ms, then nothing for a second: half of it is more than there was to lose.
        #expect(clock.read(realMicros: 100_800_000, monotonicMicros: 1_000_000).micros == 100_800_000)
    }

    @Test(arguments: 0..<20) func randomClocks_neverRunBackwards_norBehindTheSystems_norFasterThanBoth(seed: Int) {
        var chance = SeededGenerator(seed: UInt64(seed))
        var (real, monotonic): (Int64, Int64) = (1_790_000_000_000_000, 7)
        var clock = SteadyClock(realMicros: real, monotonicMicros: monotonic)
        var last = real
        for _ in 0..<3000 {
            let passed = chance.pick([0, 1, 2, 999, 1001, 40_000, 1_000_000, 20_000_000]) as Int64
            monotonic += passed
            real += passed
            if chance.chance(50) { real += Int64(chance.below(4_000_000)) - 2_000_000 }
            if chance.chance(10) { real += Int64(chance.below(200)) - 100 }
            let time = clock.read(realMicros: real, monotonicMicros: monotonic).micros
            #expect(time >= last && time >= real && time <= max(real, last + passed))
            last = time
        }
    }

    @Test func monotonicClockThatFailsToBe_stopsNothing() {
        var clock = SteadyClock(realMicros: 100, monotonicMicros: 100)
        #expect(clock.read(realMicros: 200, monotonicMicros: 50).micros == 200)
        #expect(clock.read(realMicros: 300, monotonicMicros: 150).micros == 300)
    }
}

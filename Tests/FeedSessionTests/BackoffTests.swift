import FeedSession
import TestSupport
import Testing

/// 0 … 0.25 · 2ⁿ s, at most 30 s, each time as likely as the others (dossier of Polymarket §1.5).
@Suite struct BackoffTests {
    /// The ranges written out, and not computed.
    private static let ranges: [Int64] = [
        250_000, 500_000, 1_000_000, 2_000_000, 4_000_000, 8_000_000, 16_000_000, 30_000_000, 30_000_000, 30_000_000,
    ]

    @Test func range_doubles_upToTheCap() {
        var chance = SeededGenerator(seed: 1)
        for (failures, range) in BackoffTests.ranges.enumerated() {
            let waits = (0..<2000).map { _ in Backoff.micros(failures: failures, .usual, random: &chance) }
            #expect(waits.allSatisfy { (0...range).contains($0) })
            // Full jitter fills the range from its first twentieth to its last, and leans to neither end.
            #expect(waits.min()! < range / 20 && waits.max()! > range - range / 20)
            #expect(waits.reduce(0, +) / 2000 > range * 45 / 100 && waits.reduce(0, +) / 2000 < range * 55 / 100)
        }
    }

    @Test func absurdCounts_areTheFirstRangeAndTheCap() {
        var chance = SeededGenerator(seed: 2)
        for _ in 0..<500 {
            #expect((0...250_000).contains(Backoff.micros(failures: .min, .usual, random: &chance)))
            #expect((0...30_000_000).contains(Backoff.micros(failures: .max, .usual, random: &chance)))
        }
    }

    @Test func capBelowTheBase_isTheRange() {
        var chance = SeededGenerator(seed: 3)
        let backoff = Backoff(baseMicros: 1_000_000, microsMax: 10)
        for failures in 0..<40 { #expect((0...10).contains(Backoff.micros(failures: failures, backoff, random: &chance))) }
    }
}

import Reference
import Testing

@testable import mkt_decide

struct ZScoreTests {
    private func history(_ prices: [Int64]) -> HistoryStatistics {
        HistoryStatistics(
            venue: "v", instrument: "i", windowMicros: 1, count: Int64(prices.count), sum: prices.reduce(0) { $0 + Int128($1) },
            squareSum: prices.reduce(0) { $0 + Int128($1) * Int128($1) }, oldestMicros: 0, newestMicros: 0)
    }

    /// By the definition: deviations from the mean, squared one by one, with everything times `2n` so that nothing is a fraction.
    private func reaches(_ deviations: Int64, _ doubleMid: Int64, _ prices: [Int64]) -> Bool {
        let n = Int128(prices.count)
        let sum = prices.reduce(Int128(0)) { $0 + Int128($1) }
        let away = n * Int128(doubleMid) - 2 * sum
        let spread = prices.reduce(Int128(0)) { $0 + (2 * n * Int128($1) - 2 * sum) * (2 * n * Int128($1) - 2 * sum) }
        guard spread > 0 else { return false }
        // away / 2n against deviations x sqrt(spread / 4n² / (n - 1)).
        return away * away * (n - 1) * 1_000_000 * 1_000_000 >= Int128(deviations) * Int128(deviations) * spread
    }

    @Test func reaches_isTheDefinition_forManyHistories() {
        var state: UInt64 = 11
        func random(_ bound: UInt64) -> Int64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64((state >> 33) % bound)
        }
        var seen: [Bool: Int] = [:]
        for _ in 0..<4000 {
            // Small numbers, so that equality happens and the model's products fit.
            let prices = (0..<(2 + random(6))).map { _ in random(12) }
            let (mid, deviations) = (random(40), (1 + random(40)) * 100_000)
            let expected = reaches(deviations, mid, prices)
            #expect(ZScore(doubleMid: mid, history(prices)).reaches(deviations) == expected)
            seen[expected, default: 0] += 1
        }
        #expect((seen[true] ?? 0) > 500 && (seen[false] ?? 0) > 500)
    }

    @Test func hundredths_areCut() {
        // Mean 2, deviation 1: a mid of 3.995 is 1.995 deviations away.
        let prices: [Int64] = [1_000_000, 2_000_000, 3_000_000].map { $0 / 10 }
        #expect(ZScore(doubleMid: 2 * 399_500, history(prices)).hundredths == 199)
        #expect(ZScore(doubleMid: 2 * 400_000, history(prices)).hundredths == 200)
        #expect(ZScore(doubleMid: 400_000, history(prices)).hundredths == 0)
        #expect(ZScore(doubleMid: 1, history([5, 5, 5])).hundredths == nil)
        #expect(!ZScore(doubleMid: 1, history([5, 5, 5])).reaches(1))
    }

    @Test func largestHistory_doesNotOverflow() {
        let count: Int64 = 999_999_999
        let most = HistoryStatistics(
            venue: "v", instrument: "i", windowMicros: 1, count: count, sum: Int128(count / 2) * 1_000_000,
            squareSum: Int128(count / 2) * 1_000_000_000_000, oldestMicros: 0, newestMicros: 0)
        #expect(ZScore(doubleMid: 2_000_000, most).hundredths == 100)
        #expect(!ZScore(doubleMid: 2_000_000, most).reaches(1_000_000_000))
    }
}

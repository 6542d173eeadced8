import TestSupport
import Testing
import UnixTool

@Suite struct LatencyHistogramTests {
    private func exact(_ sorted: [Int64], _ percent: Int64) -> Int64 {
        let rank = (Int64(sorted.count) * percent + 99) / 100
        return sorted[max(Int(rank) - 1, 0)]
    }

    @Test(arguments: [60, 61, 62, 63] as [UInt64])
    func percentiles_areWithinOnePartInEight_andNeverTooSmall(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bits = [4, 20, 40, 63][Int(seed - 60)]
        for count in [1, 2, 7, 100, 3000] {
            var histogram = LatencyHistogram()
            var values: [Int64] = []
            for _ in 0..<count {
                let value = Int64(bitPattern: random.next() >> 1) >> Int64(63 - bits + random.below(bits))
                histogram.record(value)
                values.append(value)
            }
            values.sort()
            #expect(histogram.max == values.last)
            #expect(histogram.total == Int64(count))
            for percent: Int64 in [0, 1, 50, 90, 99, 100] {
                let (found, truth) = (histogram.percentile(percent), exact(values, percent))
                #expect(found >= truth && found - truth <= truth / 8, "p\(percent): \(found) for \(truth)")
            }
        }
    }

    @Test func smallValues_areExact() {
        for value: Int64 in 0..<16 {
            var histogram = LatencyHistogram()
            histogram.record(value)
            histogram.record(1000)
            #expect(histogram.percentile(50) == value)
        }
    }

    @Test func valuesBelowZero_countAsZero() {
        var histogram = LatencyHistogram()
        histogram.record(-5)
        histogram.record(.min)
        #expect(histogram.percentile(99) == 0)
        #expect(histogram.max == 0)
    }

    @Test func borders_ofEveryStep_areHeld() {
        var edges: [Int64] = [.max]
        for shift in 0..<63 { edges += [(Int64(1) << shift) - 1, Int64(1) << shift, (Int64(1) << shift) + 1] }
        for edge in edges {
            var histogram = LatencyHistogram()
            histogram.record(edge)
            #expect(histogram.percentile(50) == edge)
            histogram.record(.max)
            let median = histogram.percentile(50)
            #expect(median >= edge && median - edge <= edge / 8)
        }
    }

    @Test func nothing_isZero_andRemoveAllForgets() {
        var histogram = LatencyHistogram()
        #expect(histogram.percentile(50) == 0)
        histogram.record(9)
        histogram.removeAll()
        #expect(histogram.total == 0 && histogram.max == 0 && histogram.percentile(99) == 0)
    }
}

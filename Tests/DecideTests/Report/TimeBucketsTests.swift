import TestSupport
import Testing

@testable import mkt_decide

@Suite struct TimeBucketsTests {
    @Test(arguments: UInt64(1)...20)
    func risingTimes_giveWhatSortingByTheFinalWidthGives(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var grid = TimeGrid(widths: [1, 3, 6, 30, 60, 600, 6000, 600_000], bucketsMax: 10)
        var buckets = TimeBuckets<Extent>()
        var seen: [(time: Int64, value: Int128)] = []
        var time = Int64(random.below(2000)) - 1000
        for _ in 0..<random.below(300) + 1 {
            time += Int64(random.below(random.chance(20) ? 3000 : 4))
            let value = Int128(random.below(100) - 50)
            seen.append((time, value))
            grid.include(time)
            buckets.add(Extent(value), at: time, in: grid)
        }
        buckets.fold(to: grid.level, of: grid)
        #expect(buckets.buckets.count <= 10)
        let groups = Dictionary(grouping: seen) { Int64((Double($0.time) / Double(grid.width)).rounded(.down)) }
        #expect(buckets.buckets.map(\.index) == groups.keys.sorted())
        for bucket in buckets.buckets {
            let values = groups[bucket.index, default: []].map(\.value)
            #expect(bucket.content.low == values.min() && bucket.content.high == values.max() && bucket.content.last == values.last)
        }
    }

    @Test(arguments: UInt64(1)...20)
    func sums_areOfAllThatCameIn_inWhateverOrder(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var grid = TimeGrid.round
        var buckets = TimeBuckets<Share>()
        var sum = Share(whole: 0, part: 0)
        for _ in 0..<200 {
            let time = random.chance(30) ? Int64.random(in: .min ... .max, using: &random) : Int64(random.below(1_000_000_000))
            let share = Share(whole: Int128(random.below(9)), part: Int128(random.below(3)))
            sum.add(share)
            grid.include(time)
            buckets.add(share, at: time, in: grid)
            #expect(buckets.buckets.count <= grid.bucketsMax)
        }
        #expect(buckets.buckets.map(\.index) == Set(buckets.buckets.map(\.index)).sorted())
        var folded = Share(whole: 0, part: 0)
        for bucket in buckets.buckets { folded.add(bucket.content) }
        #expect(folded == sum)
    }

    @Test(arguments: [TimeGrid.fine, TimeGrid.round])
    func widths_foldWhole_andBearAllOfTime(_ grid: TimeGrid) {
        for (narrow, wide) in zip(grid.widths, grid.widths.dropFirst()) { #expect(wide > narrow && wide % narrow == 0) }
        var grid = grid
        grid.include(.min)
        grid.include(.max)
        #expect(grid.count(grid.level) <= Int128(grid.bucketsMax))
        #expect(grid.bucket(of: .min) < 0)
    }

    @Test(arguments: [(600, "15s"), (7200, "5m"), (86_400, "1h"), (200_000, "1h"), (500_000, "3h"), (5, "1s")])
    func bars_areHoursWhereTheseAreADozenOrMore(seconds: Int64, text: String) {
        var grid = TimeGrid.round
        grid.include(0)
        grid.include(seconds * 1_000_000)
        let width = grid.widths[grid.barLevel(barsMax: 72)]
        let widths: [String: Int64] = ["1s": 1, "15s": 15, "5m": 300, "15m": 900, "1h": 3600, "3h": 10_800]
        #expect(width == widths[text]! * 1_000_000)
    }
}

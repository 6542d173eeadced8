import JSON
import TestSupport
import Testing

@testable import Reference

/// Sums of passing rows, against sums of rows that are all kept.
@Suite struct HistoryGathererTests {
    private struct Tick {
        let venue: String
        let instrument: String
        let atMicros: Int64
        let price: Int64
    }

    private static func gather(_ ticks: [Tick], windows: [Int64]) throws -> [HistoryStatistics] {
        var gatherer = HistoryGatherer(windows: windows)
        for (index, tick) in ticks.enumerated() {
            let texts = [tick.venue, tick.instrument, "\(tick.atMicros)", ReferenceData.decimalText(tick.price)].map { Array($0.utf8) }
            try withoutActuallyEscaping({ (column: Int) in texts[column] }) { text in
                // The bytes live as long as the row.
                let buffers = (0..<4).map { column in
                    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text(column).count)
                    _ = copy.initialize(from: text(column))
                    return UnsafeBufferPointer(copy)
                }
                defer { buffers.forEach { $0.deallocate() } }
                try gatherer.take(ReferenceRow(query: .history, number: Int64(index + 1)) { .text(buffers[$0]) })
            }
        }
        return gatherer.statistics
    }

    /// By the definition: whatever lies in (newest − window, newest].
    private static func model(_ ticks: [Tick], _ venue: String, _ instrument: String, _ window: Int64) -> HistoryStatistics {
        let own = ticks.filter { $0.venue == venue && $0.instrument == instrument }
        let newest = own.map(\.atMicros).max()!
        let counted = own.filter { Int128($0.atMicros) > Int128(newest) - Int128(window) && $0.atMicros <= newest }
        return HistoryStatistics(
            venue: venue, instrument: instrument, windowMicros: window, count: Int64(counted.count),
            sum: counted.map { Int128($0.price) }.reduce(0, +), squareSum: counted.map { Int128($0.price) * Int128($0.price) }.reduce(0, +),
            oldestMicros: counted.map(\.atMicros).min()!, newestMicros: newest)
    }

    @Test(arguments: UInt64(1)...60)
    func sums_areThoseOfTheModel(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let windows = Set((0..<(1 + random.below(3))).map { _ in Int64(1 + random.below(200)) }).sorted()
        let start = random.pick([0, Int64.min, Int64.max - 300, 1_790_000_000_000_000])
        var ticks: [Tick] = []
        var names: [(String, String)] = []
        for venue in ["kalshi", "polymarket"] {
            for instrument in ["a", "b", "été"] where random.chance(2) {
                names.append((venue, instrument))
                let times = (0..<(1 + random.below(60))).map { _ in start + Int64(random.below(250)) }.sorted(by: >)
                ticks += times.map { Tick(venue: venue, instrument: instrument, atMicros: $0, price: Int64(random.below(1_000_001))) }
            }
        }
        let expected = names.flatMap { name in windows.map { HistoryGathererTests.model(ticks, name.0, name.1, $0) } }
        #expect(try HistoryGathererTests.gather(ticks, windows: windows) == expected)
    }

    @Test func names_thatOnlyTogetherAreEqual_areTwo() throws {
        let ticks = [Tick(venue: "a", instrument: "bc", atMicros: 1, price: 0), Tick(venue: "ab", instrument: "c", atMicros: 1, price: 1)]
        #expect(try HistoryGathererTests.gather(ticks, windows: [1]).count == 2)
    }
}

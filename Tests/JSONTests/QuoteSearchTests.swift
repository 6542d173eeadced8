import JSON
import TestSupport
import Testing

@Suite struct QuoteSearchTests {
    @Test func distance_isThatOfALook() {
        var random = SeededGenerator(seed: 6)
        let page = GuardedPage()
        for limit in [16, 32, 80] {
            for _ in 0..<2000 {
                // Bytes that differ from a quote in one bit, too.
                let bytes = (0..<limit).map { _ in
                    [0x22, 0x23, 0xA2, 0x02, UInt8(random.below(256))][random.chance(30) ? 0 : 1 + random.below(4)]
                }
                let placed = page.place(bytes)
                #expect(QuoteSearch.distance(from: placed.baseAddress!, upTo: limit) == bytes.firstIndex(of: UInt8(ascii: "\"")) ?? limit)
            }
        }
    }
}

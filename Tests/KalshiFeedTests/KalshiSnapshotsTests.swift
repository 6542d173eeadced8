import FeedSession
import TestSupport
import Testing

@testable import kalshi_feed

/// The connections on which a market had a snapshot, against a plain list.
@Suite struct KalshiSnapshotsTests {
    @Test func latestEight_areRemembered() {
        var random = TestSupport.SeededGenerator(seed: 12)
        let market = KalshiMarket(index: 0, FeedInstrument(feed: "kalshi", venue: "kalshi", market: "KXA-1", id: "KXA-1"))
        var remembered: [Int64] = []
        for _ in 0..<5000 {
            let conn = Int64(random.below(12))
            if random.below(4) > 0 {
                market.noteSnapshot(on: conn)
                if !remembered.contains(conn) { remembered = remembered.suffix(7) + [conn] }
            } else {
                market.forgetSnapshot(on: conn)
                remembered.removeAll { $0 == conn }
            }
            #expect((0..<12).filter { market.hadSnapshot(on: $0) } == remembered.sorted())
            #expect(market.hadSnapshot == !remembered.isEmpty)
        }
    }
}

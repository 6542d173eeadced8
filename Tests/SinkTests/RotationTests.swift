import MarketModel
import Testing

@testable import mkt_sink

@Suite struct RotationTests {
    @Test(
        arguments: [
            ("1h", 3_600_000_000, nil), ("15m", 900_000_000, nil), ("256MB", 3_600_000_000, 256_000_000), ("1d,1KiB", 86_400_000_000, 1024),
            ("1MB,1s", 1_000_000, 1_000_000),
        ] as [(String, Int64, Int64?)])
    func isRead(text: String, span: Int64, bytes: Int64?) {
        #expect(Rotation(text) == Rotation(spanMicros: span, bytesMax: bytes))
    }

    @Test(arguments: ["", "0", "1", "2d", "500ms", "10B", "1h,1h", "1MB,1MB", "1h,", ",1h", "1h 1MB", "hourly", "-1h", "1h,1MB,1h"])
    func isRefused(text: String) {
        #expect(Rotation(text) == nil)
    }

    @Test(
        arguments: [
            ("1h", 3_600_000_001, 3_600_000_000), ("15m", 3_599_999_999, 2_700_000_000), ("1h", -1, -3_600_000_000), ("1h", 0, 0),
            ("1d", -1, -86_400_000_000),
        ] as [(String, Int64, Int64)])
    func aSpan_beginsAtItsMultiple(text: String, micros: Int64, start: Int64) throws {
        let rotation = try #require(Rotation(text))
        #expect(rotation.spanStart(of: Timestamp(micros: micros)) == start)
    }

    @Test func theEndsOfTime_haveSpansToo() {
        #expect(Rotation.standard.spanStart(of: Timestamp(micros: .max)) <= .max)
        #expect(Rotation.standard.spanStart(of: Timestamp(micros: .min)) == .min)
        #expect(Rotation.standard.spanEnd(of: .max) == .max)
    }
}

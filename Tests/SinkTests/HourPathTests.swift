import MarketModel
import Testing

@testable import mkt_sink

@Suite struct HourPathTests {
    private func safe(_ name: String) -> String {
        var name = name
        return name.withUTF8 { HourPath.safeName($0) }
    }

    @Test(arguments: [
        ("kalshi", "kalshi"), ("pm-2_b", "pm-2_b"), ("a.b", "a.b"), ("..", "%2E."), ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"),
        ("", ""), (".hidden", "%2Ehidden"), ("a%2F", "a%252F"), ("a\u{0}\n ", "a%00%0A%20"), ("ü", "%C3%BC"),
    ])
    func aFeedsName_cannotLeaveItsDirectory(name: String, expected: String) {
        #expect(safe(name) == expected)
    }

    @Test func longNames_areCutAndStayDifferent() {
        let (left, right) = (String(repeating: "x", count: 5000) + "1", String(repeating: "x", count: 5000) + "2")
        #expect(safe(left).utf8.count < 200)
        #expect(safe(left) != safe(right))
    }

    @Test(
        arguments: [
            (1_790_363_624_400_000, "2026/09/25", "19-kalshi.ndjson"), (0, "1970/01/01", "00-kalshi.ndjson"),
            (3_599_999_999, "1970/01/01", "00-kalshi.ndjson"), (3_600_000_000, "1970/01/01", "01-kalshi.ndjson"),
            (-1, "1969/12/31", "23-kalshi.ndjson"),
        ] as [(Int64, String, String)])
    func anHourIsTheLinesOwn(micros: Int64, directory: String, file: String) {
        let hour = HourPath.hour(of: Timestamp(micros: micros))
        #expect(HourPath.directory(hour: hour) == directory)
        #expect(Array("kalshi".utf8).withUnsafeBufferPointer { HourPath.file(hour: hour, feed: $0) } == file)
    }
}

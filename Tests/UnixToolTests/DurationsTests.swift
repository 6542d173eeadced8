import Testing
import UnixTool

@Suite struct DurationsTests {
    @Test(
        arguments: [
            ("0", 0), ("0s", 0), ("1us", 1), ("250ms", 250_000), ("30s", 30_000_000), ("15m", 900_000_000), ("2h", 7_200_000_000),
            ("1d", 86_400_000_000),
            ("007s", 7_000_000), ("36500d", 3_153_600_000_000_000),
        ] as [(String, Int64)])
    func span_isRead(_ text: String, _ micros: Int64) {
        #expect(Durations.micros(text) == micros)
    }

    @Test(arguments: [
        "", "5", "s", "ms", "-5s", "+5s", "1.5s", "5 s", " 5s", "5s ", "5S", "5sec", "5w", "5µs", "٥s", "1e3s", "5ms5", "0x5s", "00",
        "9223372036854775807d", "99999999999999999999s", "106751991d", "36501d",
    ])
    func anythingElse_isNil(_ text: String) {
        #expect(Durations.micros(text) == nil)
    }

    @Test(
        arguments: [
            (0, "0"), (1, "1us"), (1000, "1ms"), (1_500_000, "1500ms"), (90_000_000, "90s"), (60_000_000, "1m"), (86_400_000_000, "1d"),
            (3_600_000_001, "3600000001us"),
        ] as [(Int64, String)])
    func span_isToldInTheLargestUnitThatFits(_ micros: Int64, _ text: String) {
        #expect(Durations.text(micros) == text)
        #expect(Durations.micros(text) == micros)
    }
}

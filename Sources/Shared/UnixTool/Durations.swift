/// Spans of time as people type them: `250ms`, `30s`, `15m`, `2h`, `1d`, `0`.
public enum Durations {
    private static let units: [(suffix: String, micros: Int64)] = [
        ("us", 1), ("ms", 1000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000), ("d", 86_400_000_000),
    ]

    /// A hundred years: sums of times and spans stay far from the end of 64 bits.
    private static let microsMax: Int64 = 36_500 * 86_400_000_000

    /// Microseconds, or nil. A bare number is refused except `0`: nobody can know its unit.
    public static func micros(_ text: String) -> Int64? {
        if text == "0" { return 0 }
        for unit in units where text.hasSuffix(unit.suffix) {
            let digits = text.dropLast(unit.suffix.count)
            guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let count = Int64(digits) else {
                continue
            }
            let (micros, overflow) = count.multipliedReportingOverflow(by: unit.micros)
            return overflow || micros > microsMax ? nil : micros
        }
        return nil
    }

    /// In the largest unit that leaves a whole number: `90s`, not `90000ms`.
    public static func text(_ micros: Int64) -> String {
        if micros == 0 { return "0" }
        for unit in units.reversed() where micros % unit.micros == 0 {
            return "\(micros / unit.micros)\(unit.suffix)"
        }
        return "\(micros)us"
    }

    /// For messages about a text that is none.
    public static let expectation = "a span of time such as 250ms, 30s, 15m, 2h or 0"
}

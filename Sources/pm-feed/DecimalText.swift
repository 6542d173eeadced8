/// Decimal numbers as text, put in order without becoming binary fractions.
enum DecimalText {
    /// Whether `left` is the smaller number. What is no plain number counts as zero: it ranks last.
    static func precedes(_ left: String, _ right: String) -> Bool {
        let (left, right) = (parts(left), parts(right))
        if left.whole.count != right.whole.count { return left.whole.count < right.whole.count }
        if left.whole != right.whole { return left.whole < right.whole }
        return left.fraction < right.fraction
    }

    /// Digits before the point without leading zeros, and digits behind it without trailing ones.
    private static func parts(_ text: String) -> (whole: String, fraction: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let isPlain = (1...2).contains(parts.count) && parts.allSatisfy { $0.utf8.allSatisfy { ($0 &- UInt8(ascii: "0")) <= 9 } }
        guard isPlain else { return ("", "") }
        return (String(parts[0].drop { $0 == "0" }), parts.count > 1 ? trimmed(parts[1]) : "")
    }

    private static func trimmed(_ fraction: Substring) -> String {
        var fraction = fraction
        while fraction.last == "0" { fraction.removeLast() }
        return String(fraction)
    }
}

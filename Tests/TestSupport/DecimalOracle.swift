public import JSON

/// Decimal text in millionths by shifting the point in a row of digits: no arithmetic that could round or overflow.
public enum DecimalOracle {
    public enum Outcome: Equatable {
        case value(Int64)
        case fault(Decimal6.Fault)
    }

    /// What `text` comes to, `decimals` places behind the point being kept.
    public static func parse(_ text: String, bareFraction: Bool = false, decimals: Int = 6) -> Outcome {
        guard let parts = split(text, bareFraction: bareFraction) else { return .fault(.notANumber) }
        let digits = Array(parts.whole + parts.fraction)
        guard digits.contains(where: { $0 != "0" }) else { return .value(0) }
        // Where the point stands among the digits after the shift.
        guard let exponent = Int(parts.exponent), exponent.magnitude < 100_000 else {
            return .fault(parts.exponent.hasPrefix("-") ? .tooPrecise : .outOfRange)
        }
        let point = parts.whole.count + exponent + decimals
        if digits.indices.contains(where: { $0 >= point && digits[$0] != "0" }) { return .fault(.tooPrecise) }
        var kept = String(digits.prefix(max(point, 0)))
        kept += String(repeating: "0", count: max(point - digits.count, 0))
        kept = String(kept.drop { $0 == "0" })
        let limit = "9223372036854775807"
        if kept.count > limit.count || (kept.count == limit.count && kept > limit) { return .fault(.outOfRange) }
        return .value(Int64((parts.isNegative ? "-" : "") + (kept.isEmpty ? "0" : kept))!)
    }

    private static func split(
        _ text: String, bareFraction: Bool
    ) -> (isNegative: Bool, whole: String, fraction: String, exponent: String)? {
        let isNegative = text.hasPrefix("-")
        let body = isNegative ? String(text.dropFirst()) : text
        let halves = body.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }.map(String.init)
        guard (1...2).contains(halves.count) else { return nil }
        let mantissa = halves[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(mantissa.count) else { return nil }
        let whole = mantissa[0]
        guard isDigits(whole), whole.count == 1 || !whole.hasPrefix("0") || whole.isEmpty else { return nil }
        if whole.isEmpty, !(bareFraction && mantissa.count == 2) { return nil }
        if mantissa.count == 2, mantissa[1].isEmpty || !isDigits(mantissa[1]) { return nil }
        guard halves.count == 2 else { return (isNegative, whole, mantissa.count == 2 ? mantissa[1] : "", "0") }
        let sign = halves[1].prefix { $0 == "+" || $0 == "-" }
        let power = halves[1].dropFirst(sign.count)
        guard sign.count <= 1, !power.isEmpty, isDigits(String(power)) else { return nil }
        let exponent = (sign == "-" ? "-" : "") + power
        return (isNegative, whole, mantissa.count == 2 ? mantissa[1] : "", exponent)
    }

    private static func isDigits(_ text: String) -> Bool { text.utf8.allSatisfy { (0x30...0x39).contains($0) } }
}

import MarketModel

/// Numbers as people read them: digits in groups of three, and short where the exact value is told beside them.
enum Figure {
    /// Millionths, exact: `1,234,567.890001`.
    static func exact(_ millionths: Int128) -> String { grouped(ExactText.decimal(millionths, decimals: 6)) }

    /// Millionths with just so many decimals, rounded half away from zero; exact where that would leave nothing of them.
    static func short(_ millionths: Int128, decimals: Int) -> String {
        let unit = power(6 - decimals)
        guard millionths == 0 || millionths.magnitude >= UInt128(unit) else { return exact(millionths) }
        let units = rounded(millionths, unit)
        let whole = String(units.magnitude / UInt128(power(decimals)))
        let rest = String(units.magnitude % UInt128(power(decimals)))
        let fraction = String(repeating: "0", count: decimals - rest.count) + rest
        return grouped((units < 0 ? "-" : "") + whole + "." + fraction)
    }

    /// Whether `short` shows another number than the exact one.
    static func isShortened(_ millionths: Int128, decimals: Int) -> Bool {
        let unit = power(6 - decimals)
        return millionths.magnitude >= UInt128(unit) && millionths % unit != 0
    }

    /// A part of a whole in hundredths of a percent, rounded down: `99.99%` is never all of it.
    static func percent(_ part: Int128, of whole: Int128) -> String {
        let hundredths = part * 10_000 / whole
        return "\(hundredths / 100).\(CivilTime.padded(Int64(hundredths % 100), 2))%"
    }

    /// Plain digits, a sign and a point perhaps, with commas.
    static func grouped(_ digits: String) -> String {
        let sign = digits.hasPrefix("-") ? "-" : ""
        let parts = digits.dropFirst(sign.count).split(separator: ".", maxSplits: 1)
        guard let whole = parts.first else { return digits }
        var text = sign
        for (place, digit) in whole.enumerated() {
            if place > 0, (whole.count - place) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return parts.count > 1 ? "\(text).\(parts[1])" : text
    }

    private static func rounded(_ value: Int128, _ unit: Int128) -> Int128 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: unit)
        guard remainder.magnitude * 2 >= UInt128(unit) else { return quotient }
        return quotient + (value < 0 ? -1 : 1)
    }

    private static func power(_ exponent: Int) -> Int128 { (0..<exponent).reduce(1) { power, _ in power * 10 } }
}

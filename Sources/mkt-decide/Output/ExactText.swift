/// Decimals in words for people: exact, without trailing zeros.
enum ExactText {
    /// Millionths: 60,000 is `0.06`.
    static func millionths(_ value: Int64) -> String { decimal(Int128(value), decimals: 6) }

    /// Half of a number of millionths: 855,001 is `0.4275005`.
    static func half(_ doubled: Int64) -> String { decimal(Int128(doubled) * 5, decimals: 7) }

    /// A whole number of the last of so many decimals.
    static func decimal(_ value: Int128, decimals: Int) -> String {
        var digits = Array(String(value.magnitude).utf8)
        if digits.count <= decimals {
            digits.insert(contentsOf: repeatElement(UInt8(ascii: "0"), count: decimals + 1 - digits.count), at: 0)
        }
        var fraction = digits.suffix(decimals)
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        let sign = value < 0 ? "-" : ""
        let whole = String(decoding: digits.dropLast(decimals), as: UTF8.self)
        return sign + whole + (fraction.isEmpty ? "" : "." + String(decoding: fraction, as: UTF8.self))
    }
}

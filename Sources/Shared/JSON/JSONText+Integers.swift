extension JSONText {
    /// The whole number that the text spells, or nil: empty, too large, not whole, or no number of JSON.
    ///
    /// `1e3` and `3.0` are whole numbers too; they take a longer way.
    @inlinable
    public var integer: Int64? {
        let isNegative = count > 0 && base[0] == UInt8(ascii: "-")
        let start = isNegative ? 1 : 0
        var at = start
        var value: UInt64 = 0
        // Times have thirteen or sixteen digits.
        while count - at >= 8, at - start < 16, let eight = DigitText.eight(at: base + at) {
            value = value &* 100_000_000 &+ UInt64(eight)
            at &+= 8
        }
        // Nineteen digits always fit in 64 bits without a sign.
        while at < count, at - start < 19 {
            let digit = base[at] &- UInt8(ascii: "0")
            if digit > 9 { break }
            value = value &* 10 &+ UInt64(digit)
            at &+= 1
        }
        guard at == count, at > start, at - start == 1 || base[start] != UInt8(ascii: "0") else { return integerSlowly }
        guard value <= Int64.max.magnitude else { return isNegative && value == Int64.min.magnitude ? .min : nil }
        return isNegative ? -Int64(value) : Int64(value)
    }

    /// Exponents, and decimals that are all zero.
    @usableFromInline
    var integerSlowly: Int64? {
        try? Decimal6.parseSlowly(self, bareFraction: false, decimals: 0)
    }
}

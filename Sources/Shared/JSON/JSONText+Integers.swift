extension JSONText {
    /// The whole number that the text spells in plain digits with an optional `-`, or nil: empty, too large, or anything else.
    ///
    /// `1e3` and `3.0` are whole numbers too; they take the decimal path.
    @inlinable
    public var integer: Int64? {
        var at = 0
        let isNegative = count > 0 && base[0] == UInt8(ascii: "-")
        if isNegative { at = 1 }
        let start = at
        var value: Int64 = 0
        while at < count, at - start < 18 {
            let digit = base[at] &- UInt8(ascii: "0")
            if digit > 9 { return integerSlowly }
            value = value &* 10 &+ Int64(digit)
            at &+= 1
        }
        guard at == count, at > start, at - start == 1 || base[start] != UInt8(ascii: "0") else { return integerSlowly }
        return isNegative ? -value : value
    }

    /// Long digits, exponents and decimals that are all zero.
    @usableFromInline
    var integerSlowly: Int64? {
        if count <= 20, let value = Int64(String(decoding: bytes, as: UTF8.self)) {
            // Int64 takes "+5" and "007", JSON does not.
            let first = base[0] == UInt8(ascii: "-") ? 1 : 0
            let isPlain = base[0] != UInt8(ascii: "+") && (count - first == 1 || base[first] != UInt8(ascii: "0"))
            return isPlain ? value : nil
        }
        guard let millionths = try? Decimal6.parse(self), millionths % Decimal6.one == 0 else { return nil }
        return millionths / Decimal6.one
    }
}

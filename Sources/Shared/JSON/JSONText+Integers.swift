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
        // Times have sixteen digits: eight of them at a stroke.
        while count - at >= 8, at - start <= 8, let eight = JSONText.eightDigits(base + at) {
            value = value &* 100_000_000 &+ eight
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

    /// What eight bytes spell, if all are digits.
    @inlinable @inline(__always)
    static func eightDigits(_ text: UnsafePointer<UInt8>) -> UInt64? {
        let word = UnsafeRawPointer(text).loadUnaligned(as: UInt64.self).littleEndian
        let sixes: UInt64 = 0x0606_0606_0606_0606
        let highs: UInt64 = 0xF0F0_F0F0_F0F0_F0F0
        guard word & highs == 0x3030_3030_3030_3030, (word &+ sixes) & highs == 0x3030_3030_3030_3030 else { return nil }
        // Pairs of digits, then pairs of pairs, then both halves: the first digit lies lowest.
        let digits = word & 0x0F0F_0F0F_0F0F_0F0F
        let pairs = (digits &* 10 &+ digits >> 8) & 0x00FF_00FF_00FF_00FF
        let fours = (pairs &* 100 &+ pairs >> 16) & 0x0000_FFFF_0000_FFFF
        return (fours &* 10_000 &+ fours >> 32) & 0xFFFF_FFFF
    }

    /// Exponents, and decimals that are all zero.
    @usableFromInline
    var integerSlowly: Int64? {
        try? Decimal6.parseSlowly(self, bareFraction: false, decimals: 0)
    }
}

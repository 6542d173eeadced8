/// Finds where the plain part of a string ends.
enum StringScan {
    /// The first quote, backslash or control character from `start` on; `end` if there is none.
    @inline(__always)
    static func stop(from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
        var at = start
        while end - at >= 8 {
            let word = UnsafeRawPointer(at).loadUnaligned(as: UInt64.self).littleEndian
            let special = specialBytes(of: word)
            if special != 0 { return at + special.trailingZeroBitCount >> 3 }
            at += 8
        }
        while at < end, at.pointee != UInt8(ascii: "\""), at.pointee != UInt8(ascii: "\\"), at.pointee >= 0x20 { at += 1 }
        return at
    }

    /// The high bit of each byte that is a quote, a backslash or below 0x20; above the lowest one set there may be false alarms.
    @inline(__always)
    private static func specialBytes(of word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5C)
        let isZero = ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
        let isControl = (word &- (ones &* 0x20)) & ~word
        return (isZero | isControl) & 0x8080_8080_8080_8080
    }
}

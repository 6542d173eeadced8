/// Numbers as decimal text, and back, eight digits at a time without a loop.
///
/// Every function that writes writes to memory of its caller, who has `roomMax` bytes there, and gives how many of them count.
public enum DigitText {
    /// `-9223372036854.775807` has 21 bytes; eight are written at once where only one may count.
    public static var roomMax: Int { 32 }

    /// Eight digits of a number below 10^8 as text, the first digit in the lowest byte.
    ///
    /// Two halves of four digits, four quarters of two, eight digits: each step divides all of them at once by multiplication.
    @inlinable @inline(__always)
    static func eight(_ value: UInt32) -> UInt64 {
        let (high, low) = value.quotientAndRemainder(dividingBy: 10_000)
        let halves = UInt64(high) | UInt64(low) << 32
        let hundreds = (halves &* 10486) >> 20 & 0x0000_007F_0000_007F
        let quarters = hundreds | (halves &- 100 &* hundreds) << 16
        let tens = (quarters &* 103) >> 10 & 0x000F_000F_000F_000F
        return (tens | (quarters &- 10 &* tens) << 8) | 0x3030_3030_3030_3030
    }

    /// The number that eight digits spell; nil if one of the bytes is no digit.
    ///
    /// - Parameter start: Eight bytes can be read from here.
    @inlinable @inline(__always)
    static func eight(at start: UnsafePointer<UInt8>) -> UInt32? {
        let digits = UnsafeRawPointer(start).loadUnaligned(as: UInt64.self).littleEndian ^ 0x3030_3030_3030_3030
        // A digit has no bit in its upper half, and gets none by six more.
        guard (digits | (digits &+ 0x0606_0606_0606_0606)) & 0xF0F0_F0F0_F0F0_F0F0 == 0 else { return nil }
        let pairs = (digits &* 10 &+ digits >> 8) & 0x00FF_00FF_00FF_00FF
        let fours = (pairs &* 100 &+ pairs >> 16) & 0x0000_FFFF_0000_FFFF
        return UInt32(truncatingIfNeeded: fours &* 10_000 &+ fours >> 32)
    }

    @inlinable @inline(__always)
    static func store(_ text: UInt64, to target: UnsafeMutablePointer<UInt8>) {
        UnsafeMutableRawPointer(target).storeBytes(of: text.littleEndian, as: UInt64.self)
    }

    /// A number below 10^8 without leading zeros.
    @inlinable @inline(__always)
    static func put(short value: UInt32, to target: UnsafeMutablePointer<UInt8>) -> Int {
        if value < 10 {
            target.pointee = UInt8(truncatingIfNeeded: value) | 0x30
            return 1
        }
        let text = eight(value)
        let zeros = (text & 0x0F0F_0F0F_0F0F_0F0F).trailingZeroBitCount >> 3
        store(text >> UInt64(zeros &* 8), to: target)
        return 8 &- zeros
    }

    @inlinable @inline(__always)
    static func put(_ value: UInt64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        if value < 100_000_000 { return put(short: UInt32(truncatingIfNeeded: value), to: target) }
        return put(long: value, to: target)
    }

    /// A number of nine digits or more.
    @usableFromInline
    static func put(long value: UInt64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        let (high, low) = value.quotientAndRemainder(dividingBy: 100_000_000)
        let written = high < 100_000_000 ? put(short: UInt32(truncatingIfNeeded: high), to: target) : put(long: high, to: target)
        store(eight(UInt32(truncatingIfNeeded: low)), to: target + written)
        return written + 8
    }

    /// A whole number in plain digits.
    @inlinable @inline(__always)
    public static func put(integer value: Int64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        guard value < 0 else { return put(UInt64(value), to: target) }
        target.pointee = UInt8(ascii: "-")
        return 1 + put(value.magnitude, to: target + 1)
    }

    /// Millionths as a decimal without trailing zeros.
    @inlinable @inline(__always)
    public static func put(millionths value: Int64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        var written = 0
        if value < 0 {
            target.pointee = UInt8(ascii: "-")
            written = 1
        }
        let (whole, fraction) = value.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        written += put(whole, to: target + written)
        guard fraction > 0 else { return written }
        target[written] = UInt8(ascii: ".")
        let text = eight(UInt32(truncatingIfNeeded: fraction) &* 100)
        store(text, to: target + written + 1)
        return written + 9 - (text & 0x0F0F_0F0F_0F0F_0F0F).leadingZeroBitCount >> 3
    }
}

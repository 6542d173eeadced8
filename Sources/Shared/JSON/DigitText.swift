/// Numbers as decimal text, eight digits at a time without a loop.
///
/// Every function writes to memory of its caller, who has `roomMax` bytes there, and gives how many of them count.
@usableFromInline
enum DigitText {
    /// `-9223372036854.775807` has 21 bytes; eight are written at once where only one may count.
    @usableFromInline static var roomMax: Int { 32 }

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

    @inlinable @inline(__always)
    static func put(integer value: Int64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        guard value < 0 else { return put(UInt64(value), to: target) }
        target.pointee = UInt8(ascii: "-")
        return 1 + put(value.magnitude, to: target + 1)
    }

    /// Millionths as a decimal without trailing zeros.
    @inlinable @inline(__always)
    static func put(millionths value: Int64, to target: UnsafeMutablePointer<UInt8>) -> Int {
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

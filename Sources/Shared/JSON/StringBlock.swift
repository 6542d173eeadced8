/// Sixteen bytes of a string at once, and which of them need a look.
///
/// A byte is plain if it stands for itself and ends nothing: ASCII from the blank on, no quote and no backslash.
@usableFromInline
struct StringBlock {
    @usableFromInline static var byteCount: Int { 16 }

    @usableFromInline let bytes: SIMD16<Int8>
    /// All bits of each byte that is not plain: those in front, and those behind.
    @usableFromInline let front: UInt64
    @usableFromInline let back: UInt64

    /// - Parameter start: Sixteen bytes can be read from here.
    @inlinable @inline(__always)
    init(_ start: UnsafePointer<UInt8>) {
        bytes = UnsafeRawPointer(start).loadUnaligned(as: SIMD16<Int8>.self)
        // Compared with whole vectors: with a scalar the same operators are not made for the type and cost ten times as much.
        let quotes = bytes .== SIMD16<Int8>(repeating: 0x22)
        let backslashes = bytes .== SIMD16<Int8>(repeating: 0x5C)
        // With a sign, bytes that are not ASCII lie below the controls.
        let others = bytes .< SIMD16<Int8>(repeating: 0x20)
        let special = quotes .| backslashes .| others
        let halves = unsafeBitCast(special, to: SIMD2<UInt64>.self)
        (front, back) = (halves[0].littleEndian, halves[1].littleEndian)
    }

    /// Bytes before the first one that is not plain; sixteen if all are.
    @inlinable @inline(__always)
    var plainCount: Int {
        if front != 0 { return front.trailingZeroBitCount >> 3 }
        return 8 + back.trailingZeroBitCount >> 3
    }

    /// The place of the first byte from `start` on that is not plain; sixteen if there is none.
    @inlinable @inline(__always)
    func plainCount(from start: Int) -> Int {
        let all = UInt64.max
        let inFront = start < 8 ? front & all << UInt64(truncatingIfNeeded: start &* 8) : 0
        if inFront != 0 { return inFront.trailingZeroBitCount >> 3 }
        let behind = start > 8 ? back & all << UInt64(truncatingIfNeeded: (start &- 8) &* 8) : back
        return 8 + behind.trailingZeroBitCount >> 3
    }

    /// Bytes before the first one that may need an escape of the writer, which escapes DEL too; sixteen if none does.
    @inlinable @inline(__always)
    var escapelessCount: Int {
        let deletes = unsafeBitCast(bytes .== SIMD16<Int8>(repeating: 0x7F), to: SIMD2<UInt64>.self)
        let inFront = front | deletes[0].littleEndian
        if inFront != 0 { return inFront.trailingZeroBitCount >> 3 }
        return 8 + (back | deletes[1].littleEndian).trailingZeroBitCount >> 3
    }

    /// Puts the bytes down as they stand, sixteen of them.
    @inlinable @inline(__always)
    func store(to target: UnsafeMutablePointer<UInt8>) {
        UnsafeMutableRawPointer(target).storeBytes(of: bytes, as: SIMD16<Int8>.self)
    }

    /// Copies sixteen bytes, whatever they are.
    @inlinable @inline(__always)
    static func copy(from source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>) {
        let bytes = UnsafeRawPointer(source).loadUnaligned(as: SIMD16<UInt8>.self)
        UnsafeMutableRawPointer(target).storeBytes(of: bytes, as: SIMD16<UInt8>.self)
    }

    @inlinable @inline(__always)
    static func isPlain(_ byte: UInt8) -> Bool {
        Int8(bitPattern: byte) >= 0x20 && byte != 0x22 && byte != 0x5C
    }
}

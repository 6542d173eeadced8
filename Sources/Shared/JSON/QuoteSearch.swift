/// Where a string ends, for one who need not know whether it is right.
public enum QuoteSearch {
    /// Bytes before the first quote at or behind `start`; `limit`, a multiple of 16, if there is none before. So many bytes can be read.
    @inlinable @inline(__always)
    public static func distance(from start: UnsafePointer<UInt8>, upTo limit: Int) -> Int {
        var offset = 0
        while offset < limit {
            let bytes = UnsafeRawPointer(start + offset).loadUnaligned(as: SIMD16<UInt8>.self)
            let quotes = unsafeBitCast(bytes .== SIMD16<UInt8>(repeating: 0x22), to: SIMD2<UInt64>.self)
            let (front, back) = (quotes[0].littleEndian, quotes[1].littleEndian)
            if front != 0 { return offset &+ front.trailingZeroBitCount >> 3 }
            if back != 0 { return offset &+ 8 &+ back.trailingZeroBitCount >> 3 }
            offset &+= 16
        }
        return limit
    }
}

/// CRC-32C, the checksum of iSCSI: RFC 3720 section 12.1, with examples in its appendix B.4.
///
/// It finds every change of up to 32 bits in a row, and all but one in four thousand million of the others.
enum CRC32C {
    /// The polynomial 0x1EDC6F41, lowest bit first.
    private static let polynomial: UInt32 = 0x82F6_3B78

    /// Eight tables of 256 entries: entry i of table k is the checksum's change by byte i, k bytes before the end.
    nonisolated(unsafe) private static let tables: UnsafePointer<UInt32> = {
        let tables = UnsafeMutablePointer<UInt32>.allocate(capacity: 8 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
            tables[byte] = value
        }
        for index in 256..<8 * 256 {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 0xFF)]
        }
        return UnsafePointer(tables)
    }()

    /// Eight digits.
    static func text(_ checksum: UInt32) -> String {
        let digits = String(checksum, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// The checksum of what `checksum` was of, with `bytes` behind it; that of nothing is 0.
    static func extend(_ checksum: UInt32, _ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        guard let base = bytes.baseAddress else { return checksum }
        let tables = tables
        var value = ~checksum
        var at = 0
        while bytes.count - at >= 8 {
            let word = UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self).littleEndian ^ UInt64(value)
            value = 0
            for place in 0..<8 { value ^= tables[(7 - place) << 8 | Int(truncatingIfNeeded: word >> UInt64(8 * place) & 0xFF)] }
            at += 8
        }
        while at < bytes.count {
            value = value >> 8 ^ tables[Int((value ^ UInt32(base[at])) & 0xFF)]
            at += 1
        }
        return ~value
    }
}

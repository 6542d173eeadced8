/// Checks UTF-8 that comes in pieces and says so at the first byte that cannot be right (RFC 3629 §4).
struct UTF8Validator {
    /// Continuation bytes that the begun character still needs.
    private var needed: UInt8 = 0
    /// What the next continuation byte may be; narrower than 80…BF after E0, ED, F0 and F4.
    private var low: UInt8 = 0x80
    private var high: UInt8 = 0xBF

    /// No character is half done.
    var isComplete: Bool { needed == 0 }

    /// Takes the next piece in; false if no text begins like this.
    mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        var at = 0
        while at < bytes.count {
            if needed == 0 {
                at = UTF8Validator.skipASCII(base, from: at, to: bytes.count)
                guard at < bytes.count else { return true }
                guard begin(base[at]) else { return false }
            } else {
                guard base[at] >= low, base[at] <= high else { return false }
                needed -= 1
                (low, high) = (0x80, 0xBF)
            }
            at += 1
        }
        return true
    }

    /// Thirty-two at a time, then eight: venues write ASCII almost only.
    private static func skipASCII(_ base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
        var at = start
        let raw = UnsafeRawPointer(base)
        while end - at >= 32 {
            let front = raw.loadUnaligned(fromByteOffset: at, as: SIMD2<UInt64>.self)
            let back = raw.loadUnaligned(fromByteOffset: at + 16, as: SIMD2<UInt64>.self)
            let both = front | back
            guard (both[0] | both[1]) & 0x8080_8080_8080_8080 == 0 else { break }
            at += 32
        }
        while end - at >= 8 {
            let high = raw.loadUnaligned(fromByteOffset: at, as: UInt64.self) & 0x8080_8080_8080_8080
            if high != 0 { return at + UInt64(littleEndian: high).trailingZeroBitCount / 8 }
            at += 8
        }
        while at < end, base[at] < 0x80 { at += 1 }
        return at
    }

    /// The first byte of a character beyond ASCII.
    private mutating func begin(_ lead: UInt8) -> Bool {
        switch lead {
        case 0xC2...0xDF: needed = 1
        case 0xE0: (needed, low) = (2, 0xA0)
        case 0xED: (needed, high) = (2, 0x9F)
        case 0xE1...0xEF: needed = 2
        case 0xF0: (needed, low) = (3, 0x90)
        case 0xF1...0xF3: needed = 3
        case 0xF4: (needed, high) = (3, 0x8F)
        default: return false
        }
        return true
    }
}

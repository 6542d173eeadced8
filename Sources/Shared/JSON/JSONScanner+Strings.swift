extension JSONScanner {
    /// Takes a string, its opening quote being the next byte, and gives its inside.
    @inlinable @inline(__always)
    mutating func scanString() throws(JSONError) -> JSONText {
        let start = cursor + 1
        var at = start
        while end - at >= StringBlock.byteCount {
            let plain = StringBlock(at).plainCount
            at += plain
            if plain == StringBlock.byteCount { continue }
            guard at.pointee == UInt8(ascii: "\"") else { break }
            cursor = at + 1
            return JSONText(base: start, count: at - start)
        }
        return try scanStringSlowly(start: start, at: at)
    }

    /// The rest of a string from its first byte that is not plain, or that is near the end of the text.
    @usableFromInline
    mutating func scanStringSlowly(
        start: UnsafePointer<UInt8>, at first: UnsafePointer<UInt8>
    ) throws(JSONError) -> JSONText {
        var hasEscapes = false
        cursor = first
        while true {
            skipPlain()
            guard cursor < end else { throw fault(.unexpectedEnd) }
            let byte = cursor.pointee
            switch byte {
            case UInt8(ascii: "\""):
                let text = JSONText(base: start, count: cursor - start, hasEscapes: hasEscapes)
                cursor += 1
                return text
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try scanEscape()
            case 0x80...:
                try scanMultibyte(byte)
            default:
                throw fault(.controlCharacter)
            }
        }
    }

    /// Steps over plain bytes: up to a quote, a backslash, a control character, the first byte that is not ASCII, or the end.
    @inline(__always)
    mutating func skipPlain() {
        while end - cursor >= StringBlock.byteCount {
            let plain = StringBlock(cursor).plainCount
            cursor += plain
            if plain < StringBlock.byteCount { return }
        }
        guard end - base >= StringBlock.byteCount, cursor < end else {
            while cursor < end, StringBlock.isPlain(cursor.pointee) { cursor += 1 }
            return
        }
        // The last block of the text, without those of its bytes that were seen before.
        let last = end - StringBlock.byteCount
        cursor = last + StringBlock(last).plainCount(from: cursor - last)
    }

    /// Takes one escape; `\u` of a surrogate only together with its other half.
    mutating func scanEscape() throws(JSONError) {
        guard end - cursor >= 2 else { throw fault(.unexpectedEnd) }
        switch cursor[1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            cursor += 2
        case UInt8(ascii: "u"):
            let unit = try scanCodeUnit()
            if unit & 0xFC00 == 0xDC00 { throw fault(.loneSurrogate) }
            guard unit & 0xFC00 == 0xD800 else { return }
            guard end - cursor >= 2, cursor[0] == UInt8(ascii: "\\"), cursor[1] == UInt8(ascii: "u") else {
                throw fault(.loneSurrogate)
            }
            guard try scanCodeUnit() & 0xFC00 == 0xDC00 else { throw fault(.loneSurrogate) }
        default:
            throw fault(.invalidEscape)
        }
    }

    /// Takes `\uXXXX`.
    mutating func scanCodeUnit() throws(JSONError) -> UInt16 {
        guard end - cursor >= 6 else { throw fault(.unexpectedEnd) }
        var unit: UInt16 = 0
        for index in 2..<6 {
            guard let digit = JSONScanner.hexDigit(cursor[index]) else { throw fault(.invalidEscape) }
            unit = unit << 4 | UInt16(digit)
        }
        cursor += 6
        return unit
    }

    static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Takes one character of two to four bytes: no overlong form, no surrogate, nothing above U+10FFFF (RFC 3629 section 4).
    mutating func scanMultibyte(_ lead: UInt8) throws(JSONError) {
        let count: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: count = 2
        case 0xE0: (count, second) = (3, 0xA0...0xBF)
        case 0xED: (count, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: count = 3
        case 0xF0: (count, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: count = 4
        case 0xF4: (count, second) = (4, 0x80...0x8F)
        default: throw fault(.invalidUTF8)
        }
        guard end - cursor >= count, second.contains(cursor[1]) else { throw fault(.invalidUTF8) }
        for index in 2..<max(count, 2) where cursor[index] & 0xC0 != 0x80 {
            throw fault(.invalidUTF8)
        }
        cursor += count
    }
}

import Glibc

/// The writer: values of JSON in the one spelling that we print.
extension ByteBuffer {
    /// A whole number in plain digits.
    @inlinable
    public mutating func append(integer value: Int64) {
        commit(DigitText.put(integer: value, to: spare(DigitText.roomMax)))
    }

    /// Millionths as a decimal without trailing zeros: `0.5`, `120.5`, `3`.
    @inlinable
    public mutating func append(millionths value: Int64) {
        commit(DigitText.put(millionths: value, to: spare(DigitText.roomMax)))
    }

    /// `[0.5,120]`: two decimals of millionths in brackets.
    @inlinable
    public mutating func append(pair first: Int64, _ second: Int64) {
        let room = spare(2 * DigitText.roomMax)
        room[0] = UInt8(ascii: "[")
        var written = 1 + DigitText.put(millionths: first, to: room + 1)
        room[written] = UInt8(ascii: ",")
        written += 1 + DigitText.put(millionths: second, to: room + written + 1)
        room[written] = UInt8(ascii: "]")
        commit(written + 1)
    }

    /// A string with its quotes: quotes, backslashes and controls escaped, all else as it is.
    public mutating func append(string value: String) {
        var value = value
        value.withUTF8 { append(quoting: $0) }
    }

    /// The same for bytes that are known to be UTF-8.
    public mutating func append(quoting bytes: UnsafeBufferPointer<UInt8>) {
        append(UInt8(ascii: "\""))
        append(escaping: bytes)
        append(UInt8(ascii: "\""))
    }

    /// Text of a scanned string, with quotes, respelled in our escapes.
    public mutating func append(string text: JSONText) {
        append(UInt8(ascii: "\""))
        if text.hasEscapes {
            var plain = ByteBuffer(capacity: text.count)
            plain.append(unescaping: text)
            append(escaping: plain.bytes)
        } else {
            append(escaping: text.bytes)
        }
        append(UInt8(ascii: "\""))
    }

    /// The inside of a string.
    public mutating func append(escaping bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        let end = start + bytes.count
        var (at, plain) = (start, start)
        while at < end {
            if end - at >= StringBlock.byteCount {
                let count = StringBlock(at).escapelessCount
                at += count
                if count == StringBlock.byteCount { continue }
            }
            if ByteBuffer.needsEscape(at.pointee) {
                append(UnsafeBufferPointer(start: plain, count: at - plain))
                append(escape: at.pointee)
                plain = at + 1
            }
            at += 1
        }
        append(UnsafeBufferPointer(start: plain, count: end - plain))
    }

    /// DEL is escaped too, as jq does: a terminal must not act on it.
    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
    }

    private mutating func append(escape byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x08: append("\\b")
        case 0x09: append("\\t")
        case 0x0A: append("\\n")
        case 0x0C: append("\\f")
        case 0x0D: append("\\r")
        default:
            let hex: StaticString = "0123456789abcdef"
            append("\\u00")
            append(hex.utf8Start[Int(byte >> 4)])
            append(hex.utf8Start[Int(byte & 15)])
        }
    }

    /// The characters that scanned text stands for, escapes resolved.
    public mutating func append(unescaping text: JSONText) {
        guard text.hasEscapes else { return append(text.bytes) }
        var at = text.base
        let end = text.base + text.count
        while at < end {
            guard let escape = memchr(at, Int32(UInt8(ascii: "\\")), end - at) else { break }
            let next = UnsafePointer(escape.assumingMemoryBound(to: UInt8.self))
            append(UnsafeBufferPointer(start: at, count: next - at))
            at = appendEscape(at: next)
        }
        append(UnsafeBufferPointer(start: at, count: end - at))
    }

    /// One escape that the scanner has checked; gives where it ends.
    private mutating func appendEscape(at escape: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
        switch escape[1] {
        case UInt8(ascii: "b"): append(0x08)
        case UInt8(ascii: "f"): append(0x0C)
        case UInt8(ascii: "n"): append(0x0A)
        case UInt8(ascii: "r"): append(0x0D)
        case UInt8(ascii: "t"): append(0x09)
        case UInt8(ascii: "u"): return appendCodePoint(at: escape)
        default: append(escape[1])
        }
        return escape + 2
    }

    private mutating func appendCodePoint(at escape: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
        var after = escape + 6
        var point = ByteBuffer.codeUnit(escape + 2)
        if point & 0xFC00 == 0xD800 {
            point = 0x10000 + (point & 0x3FF) << 10 + ByteBuffer.codeUnit(escape + 8) & 0x3FF
            after += 6
        }
        if let scalar = Unicode.Scalar(point) {
            for byte in UTF8.encode(scalar)! { append(byte) }
        }
        return after
    }

    private static func codeUnit(_ digits: UnsafePointer<UInt8>) -> UInt32 {
        (0..<4).reduce(0) { $0 << 4 | UInt32(JSONScanner.hexDigit(digits[$1]) ?? 0) }
    }
}

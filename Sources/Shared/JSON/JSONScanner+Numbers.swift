extension JSONScanner {
    /// Takes a number, its first byte being a digit or `-`: no leading zeros, no bare point, no empty exponent.
    @inlinable
    mutating func scanNumber() throws(JSONError) -> JSONText {
        let start = cursor
        if cursor.pointee == UInt8(ascii: "-") { cursor += 1 }
        guard cursor < end else { throw fault(.unexpectedEnd) }
        if cursor.pointee == UInt8(ascii: "0") {
            cursor += 1
        } else {
            try scanDigits()
        }
        if cursor < end, cursor.pointee == UInt8(ascii: ".") {
            cursor += 1
            try scanDigits()
        }
        if cursor < end, cursor.pointee | 0x20 == UInt8(ascii: "e") {
            cursor += 1
            if cursor < end, cursor.pointee == UInt8(ascii: "+") || cursor.pointee == UInt8(ascii: "-") { cursor += 1 }
            try scanDigits()
        }
        // "01" and "1.2.3" are refused here as what they are, not as a strange byte by whoever reads on.
        if cursor < end {
            switch cursor.pointee {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"):
                throw fault(.invalidNumber)
            default: break
            }
        }
        return JSONText(base: start, count: cursor - start)
    }

    /// Takes one digit or more.
    @inlinable @inline(__always)
    mutating func scanDigits() throws(JSONError) {
        let start = cursor
        while cursor < end, cursor.pointee &- UInt8(ascii: "0") <= 9 { cursor += 1 }
        guard cursor > start else { throw fault(cursor < end ? .invalidNumber : .unexpectedEnd) }
    }
}

public import Glibc

/// Short cuts for text in the one spelling that our writer uses: no blanks, known key order, plain decimals.
///
/// Each takes exactly what the strict rules would take, or nothing at all; then the caller goes the long way.
extension JSONScanner {
    /// Takes the next key of an object, its comma and colon included, if it is spelled exactly so: `"recv_us":`.
    @inlinable @inline(__always)
    public mutating func takeKey(spelled spelling: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = cursor
        if !isFresh {
            guard at < end, at.pointee == UInt8(ascii: ",") else { return false }
            at += 1
        }
        guard end - at >= spelling.count, let start = spelling.baseAddress, memcmp(at, start, spelling.count) == 0 else { return false }
        cursor = at + spelling.count
        isFresh = false
        return true
    }

    /// The same for a spelling of the program's own.
    @inlinable @inline(__always)
    public mutating func takeKey(spelled spelling: StaticString) -> Bool {
        takeKey(spelled: UnsafeBufferPointer(start: spelling.utf8Start, count: spelling.utf8CodeUnitCount))
    }

    /// Takes the next member of an object if it is spelled `"price":"0.5"`, and gives the inside of its value: plain, without escapes.
    ///
    /// A blank behind the comma is taken too. nil where anything is otherwise, and for the last bytes of the text.
    ///
    /// - Parameter spelling: the key, the colon and the value's first quote.
    @inlinable @inline(__always)
    public mutating func takeString(spelled spelling: StaticString) -> JSONText? {
        var at = cursor
        if !isFresh {
            guard end - at > 1, at.pointee == UInt8(ascii: ",") else { return nil }
            at += at[1] == UInt8(ascii: " ") ? 2 : 1
        }
        let size = spelling.utf8CodeUnitCount
        guard end - at >= size, memcmp(at, spelling.utf8Start, size) == 0 else { return nil }
        at += size
        let start = at
        while end - at >= StringBlock.byteCount {
            let plain = StringBlock(at).plainCount
            at += plain
            if plain == StringBlock.byteCount { continue }
            guard at.pointee == UInt8(ascii: "\"") else { return nil }
            cursor = at + 1
            isFresh = false
            return JSONText(base: start, count: at - start)
        }
        return nil
    }

    /// The next value and its kind: the inside of a string, the text of everything else. Checked as strictly as `value`.
    @inlinable @inline(__always)
    public mutating func typedValue() throws(JSONError) -> (text: JSONText, kind: Kind) {
        let byte = try peekByte()
        if byte == UInt8(ascii: "\"") { return (try scanString(), .string) }
        if byte &- UInt8(ascii: "0") <= 9 {
            if let digits = takeDigits() { return (digits, .number) }
            return (try scanNumber(), .number)
        }
        let kind = try peekKind()
        return (kind == .number ? try scanNumber() : try value(), kind)
    }

    /// A whole number without sign that a comma or bracket follows.
    @inlinable @inline(__always)
    mutating func takeDigits() -> JSONText? {
        var at = cursor
        while at < end, at.pointee &- UInt8(ascii: "0") <= 9 { at += 1 }
        guard at < end, at.pointee == UInt8(ascii: ",") || at.pointee == UInt8(ascii: "}"),
            at - cursor == 1 || cursor.pointee != UInt8(ascii: "0")
        else { return nil }
        let text = JSONText(base: cursor, count: at - cursor)
        cursor = at
        return text
    }

    /// Takes a whole number of at most eighteen digits, without sign, that a comma or bracket follows.
    @inlinable @inline(__always)
    public mutating func takeWhole() -> Int64? {
        var at = cursor
        var value: UInt64 = 0
        while end - at >= 8, at - cursor < 16, let eight = DigitText.eight(at: at) {
            value = value &* 100_000_000 &+ UInt64(eight)
            at += 8
        }
        while at < end, at - cursor < 18, at.pointee &- UInt8(ascii: "0") <= 9 {
            value = value &* 10 &+ UInt64(at.pointee &- UInt8(ascii: "0"))
            at += 1
        }
        guard at > cursor, at < end, at.pointee == UInt8(ascii: ",") || at.pointee == UInt8(ascii: "}"),
            at - cursor == 1 || cursor.pointee != UInt8(ascii: "0")
        else { return nil }
        cursor = at
        return Int64(value)
    }

    /// Takes the next member of an object if it is spelled `"seq":12`: a whole number of at most eighteen digits, without sign.
    ///
    /// nil where anything is otherwise; then nothing was taken.
    ///
    /// - Parameter spelling: the key and the colon.
    @inlinable @inline(__always)
    public mutating func takeWhole(spelled spelling: StaticString) -> Int64? {
        let (before, wasFresh) = (cursor, isFresh)
        guard takeKey(spelled: spelling) else { return nil }
        if let value = takeWhole() { return value }
        (cursor, isFresh) = (before, wasFresh)
        return nil
    }

    /// Takes `[0.78,30]` as two numbers of millionths, if it is spelled without blanks, signs and exponents.
    @inlinable
    public mutating func takePair() -> (Int64, Int64)? {
        var at = cursor
        guard depth < JSONScanner.depthMax, at < end, at.pointee == UInt8(ascii: "[") else { return nil }
        at += 1
        guard let first = plainMillionths(&at), at < end, at.pointee == UInt8(ascii: ",") else { return nil }
        at += 1
        guard let second = plainMillionths(&at), at < end, at.pointee == UInt8(ascii: "]") else { return nil }
        cursor = at + 1
        isFresh = false
        return (first, second)
    }

    /// Millionths of `12.5` at `at`, which moves behind it: at most twelve whole digits and six decimals.
    @inlinable @inline(__always)
    func plainMillionths(_ at: inout UnsafePointer<UInt8>) -> Int64? {
        let start = at
        var value: Int64 = 0
        while at < end, at.pointee &- UInt8(ascii: "0") <= 9 {
            value = value &* 10 &+ Int64(at.pointee &- UInt8(ascii: "0"))
            at += 1
            if at - start > 12 { return nil }
        }
        guard at > start, at - start == 1 || start.pointee != UInt8(ascii: "0") else { return nil }
        var scale: Int64 = 1_000_000
        guard at < end, at.pointee == UInt8(ascii: ".") else { return value &* scale }
        at += 1
        let point = at
        while at < end, at.pointee &- UInt8(ascii: "0") <= 9 {
            value = value &* 10 &+ Int64(at.pointee &- UInt8(ascii: "0"))
            scale /= 10
            at += 1
            if at - point > 6 { return nil }
        }
        return at > point ? value &* scale : nil
    }
}

/// A strict pull reader of RFC 8259 over bytes that somebody else owns.
///
/// The caller walks the text value by value: `beginObject`, then `nextKey` until it gives nil, and for each key exactly one
/// of the value calls. What is skipped is checked as strictly as what is read: grammar, UTF-8, escapes, surrogate pairs, depth.
/// The scanner never reads outside `[base, end)`, allocates nothing, and after an error may only be thrown away.
public struct JSONScanner {
    /// The kind of a value, told by its first byte.
    public enum Kind: UInt8, Sendable {
        case object, array, string, number, bool, null
    }

    /// Containers inside containers that are followed; more is an error, so hostile text cannot exhaust anything.
    public static let depthMax = 128

    @usableFromInline let base: UnsafePointer<UInt8>
    @usableFromInline let end: UnsafePointer<UInt8>
    @usableFromInline var cursor: UnsafePointer<UInt8>
    @usableFromInline var depth = 0
    /// The last thing read was an opening bracket, so neither a comma nor a value has been seen in it.
    @usableFromInline var isFresh = false

    @inlinable
    public init(_ bytes: UnsafeBufferPointer<UInt8>) {
        base = bytes.baseAddress ?? JSONScanner.nothing
        end = base + bytes.count
        cursor = base
    }

    @inlinable
    public init(_ text: JSONText) {
        base = text.base
        end = text.base + text.count
        cursor = base
    }

    /// Where an empty buffer without an address points to; never read.
    @usableFromInline static var nothing: UnsafePointer<UInt8> { ("" as StaticString).utf8Start }

    /// Where the next byte is read.
    @inlinable
    public var position: UnsafePointer<UInt8> { cursor }

    /// Where the text ends.
    @inlinable
    public var endPosition: UnsafePointer<UInt8> { end }

    /// Steps over members of the object in which the reader stands behind a value, up to the end of another value.
    ///
    /// For bytes that were read before, in the same state: nothing is checked but that they lie ahead.
    @inlinable
    public mutating func moveBehind(_ position: UnsafePointer<UInt8>) {
        precondition(position >= cursor && position <= end && !isFresh)
        cursor = position
    }

    /// Bytes read so far.
    @inlinable
    public var offset: Int { cursor - base }

    @inlinable @inline(__always)
    func fault(_ reason: JSONError.Reason) -> JSONError {
        JSONError(reason, offset: cursor - base)
    }

    /// Steps over the four blanks of JSON.
    @inlinable @inline(__always)
    mutating func skipBlanks() {
        while cursor < end {
            let byte = cursor.pointee
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            cursor += 1
        }
    }

    /// The next byte that is not a blank, not yet taken.
    @inlinable @inline(__always)
    mutating func peekByte() throws(JSONError) -> UInt8 {
        skipBlanks()
        guard cursor < end else { throw fault(.unexpectedEnd) }
        return cursor.pointee
    }

    @inlinable @inline(__always)
    mutating func take(_ byte: UInt8) throws(JSONError) {
        guard try peekByte() == byte else { throw fault(.unexpectedByte) }
        cursor += 1
    }

    /// The kind of the next value, which stays unread.
    @inlinable
    public mutating func peekKind() throws(JSONError) -> Kind {
        switch try peekByte() {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw fault(.unexpectedByte)
        }
    }

    // MARK: Containers

    /// Takes the `{` of an object.
    @inlinable
    public mutating func beginObject() throws(JSONError) {
        try begin(UInt8(ascii: "{"))
    }

    /// Takes the `[` of an array.
    @inlinable
    public mutating func beginArray() throws(JSONError) {
        try begin(UInt8(ascii: "["))
    }

    @inlinable @inline(__always)
    mutating func begin(_ bracket: UInt8) throws(JSONError) {
        guard try peekByte() == bracket else { throw fault(.wrongKind) }
        guard depth < JSONScanner.depthMax else { throw fault(.tooDeep) }
        cursor += 1
        depth += 1
        isFresh = true
    }

    /// The next key of the object and its colon, or nil when the object ends. The value must be read before the next call.
    @inlinable @inline(__always)
    public mutating func nextKey() throws(JSONError) -> JSONText? {
        guard try enterNext(closing: UInt8(ascii: "}")) else { return nil }
        guard try peekByte() == UInt8(ascii: "\"") else { throw fault(.unexpectedByte) }
        let key = try scanString()
        try take(UInt8(ascii: ":"))
        return key
    }

    /// Whether the array has another element, which must be read before the next call.
    @inlinable @inline(__always)
    public mutating func nextElement() throws(JSONError) -> Bool {
        try enterNext(closing: UInt8(ascii: "]"))
    }

    @inlinable @inline(__always)
    mutating func enterNext(closing bracket: UInt8) throws(JSONError) -> Bool {
        let byte = try peekByte()
        if byte == bracket {
            cursor += 1
            depth -= 1
            isFresh = false
            return false
        }
        if isFresh {
            isFresh = false
            return true
        }
        guard byte == UInt8(ascii: ",") else { throw fault(.unexpectedByte) }
        cursor += 1
        return true
    }

    // MARK: Scalars

    /// The inside of the next value, which must be a string; checked, escapes not yet resolved.
    @inlinable @inline(__always)
    public mutating func string() throws(JSONError) -> JSONText {
        guard try peekByte() == UInt8(ascii: "\"") else { throw fault(.wrongKind) }
        return try scanString()
    }

    /// The text of the next value, which must be a number.
    @inlinable
    public mutating func number() throws(JSONError) -> JSONText {
        let byte = try peekByte()
        guard byte == UInt8(ascii: "-") || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) else {
            throw fault(.wrongKind)
        }
        return try scanNumber()
    }

    /// The text of the next value, a number or a string that may hold one: venues and hand-made lines quote numbers.
    @inlinable @inline(__always)
    public mutating func numberOrString() throws(JSONError) -> JSONText {
        try peekByte() == UInt8(ascii: "\"") ? try scanString() : try number()
    }

    /// The next value, which must be `true` or `false`.
    @inlinable
    public mutating func bool() throws(JSONError) -> Bool {
        switch try peekByte() {
        case UInt8(ascii: "t"):
            try word("true")
            return true
        case UInt8(ascii: "f"):
            try word("false")
            return false
        default: throw fault(.wrongKind)
        }
    }

    /// Takes a `null` if it comes next.
    @inlinable
    public mutating func takeNull() throws(JSONError) -> Bool {
        guard try peekByte() == UInt8(ascii: "n") else { return false }
        try word("null")
        return true
    }

    @inlinable
    mutating func word(_ literal: StaticString) throws(JSONError) {
        let count = literal.utf8CodeUnitCount
        guard end - cursor >= count else { throw fault(.unexpectedEnd) }
        for index in 0..<count where cursor[index] != literal.utf8Start[index] {
            throw fault(.unexpectedByte)
        }
        cursor += count
    }

    // MARK: Whole values

    /// Checks that nothing but blanks is left.
    @inlinable
    public mutating func finish() throws(JSONError) {
        skipBlanks()
        guard cursor == end else { throw fault(.trailingBytes) }
    }

    /// Steps over the next value and gives its text, blanks around it left off. Every rule is checked on the way.
    @inlinable
    public mutating func value() throws(JSONError) -> JSONText {
        _ = try peekByte()
        let start = cursor
        try skipValue()
        return JSONText(base: start, count: cursor - start)
    }

    /// Steps over the next value, checking every rule.
    @inlinable
    public mutating func skipValue() throws(JSONError) {
        switch try peekByte() {
        case UInt8(ascii: "\""): _ = try scanString()
        case UInt8(ascii: "{"), UInt8(ascii: "["): try skipContainer()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = try scanNumber()
        default: throw fault(.unexpectedByte)
        }
    }

    /// Steps over an object or array. A loop and one bit a level instead of recursion: text never decides how deep our stack is.
    @usableFromInline
    mutating func skipContainer() throws(JSONError) {
        let outer = depth
        // Bit 0 is the innermost open container: 1 an object, 0 an array. 128 levels fit.
        var objects: UInt128 = 0
        repeat {
            switch try peekByte() {
            case UInt8(ascii: "{"):
                try beginObject()
                objects = objects << 1 | 1
            case UInt8(ascii: "["):
                try beginArray()
                objects <<= 1
            default:
                try skipValue()
            }
            // Close what ends here, then stand before the next value of what is still open.
            while depth > outer {
                let more = objects & 1 == 1 ? try nextKey() != nil : try nextElement()
                if more { break }
                objects >>= 1
            }
        } while depth > outer
    }
}

/// A key of an object as a writer of ours spells it, with quotes and colon (`"recv_us":`), made ready to be compared word by word.
///
/// Three words in place and no array: a copy must not count references for every key of every line.
public struct KeySpelling: Sendable {
    /// The longest spelling that is ever found, quotes and colon included. A longer key takes the long way.
    public static let bytesMax = 24

    @usableFromInline let words: (UInt64, UInt64, UInt64)
    @usableFromInline let masks: (UInt64, UInt64, UInt64)
    @usableFromInline let count: Int

    /// - Parameter key: Without quotes; of characters that need no escape.
    public init(_ key: some Sequence<UInt8>) {
        let bytes = [UInt8(ascii: "\"")] + key + [UInt8(ascii: "\""), UInt8(ascii: ":")]
        count = bytes.count
        words = (KeySpelling.word(bytes, 0), KeySpelling.word(bytes, 8), KeySpelling.word(bytes, 16))
        let ones = [UInt8](repeating: 0xFF, count: bytes.count)
        masks = (KeySpelling.word(ones, 0), KeySpelling.word(ones, 8), KeySpelling.word(ones, 16))
    }

    /// Eight bytes as they lie in memory, the first one lowest; zeros behind the end.
    private static func word(_ bytes: [UInt8], _ start: Int) -> UInt64 {
        bytes.dropFirst(start).prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Whether the text from `at` on begins with the spelling. False near the end of the text, whatever stands there.
    @inlinable @inline(__always)
    func stands(at: UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>) -> Bool {
        let text = UnsafeRawPointer(at)
        guard end - at >= 8, (text.loadUnaligned(as: UInt64.self).littleEndian ^ words.0) & masks.0 == 0 else { return false }
        if count <= 8 { return true }
        guard end - at >= 16, (text.loadUnaligned(fromByteOffset: 8, as: UInt64.self).littleEndian ^ words.1) & masks.1 == 0 else {
            return false
        }
        if count <= 16 { return true }
        guard count <= KeySpelling.bytesMax, end - at >= KeySpelling.bytesMax else { return false }
        return (text.loadUnaligned(fromByteOffset: 16, as: UInt64.self).littleEndian ^ words.2) & masks.2 == 0
    }
}

extension JSONScanner {
    /// Takes the next key of an object, its comma and colon included, if it is spelled exactly so.
    ///
    /// False is no proof that it is not: near the end of the text and for long keys the caller goes the long way.
    @inlinable @inline(__always)
    public mutating func takeKey(spelled spelling: borrowing KeySpelling) -> Bool {
        var at = cursor
        if !isFresh {
            guard at < end, at.pointee == UInt8(ascii: ",") else { return false }
            at += 1
        }
        guard spelling.stands(at: at, before: end) else { return false }
        cursor = at + spelling.count
        isFresh = false
        return true
    }
}

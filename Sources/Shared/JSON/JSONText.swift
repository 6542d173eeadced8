public import Glibc

/// A run of bytes inside a scanned text: the inside of a string, the digits of a number, or a whole value.
///
/// It points into the scanned bytes and is valid only as long as they are. It owns nothing and copies nothing.
public struct JSONText: @unchecked Sendable {
    // @unchecked: it is a view, and whoever keeps one keeps the bytes too; threads never share them.
    public let base: UnsafePointer<UInt8>
    public let count: Int
    /// Whether the bytes hold `\` escapes that stand for other characters.
    public let hasEscapes: Bool

    @inlinable
    public init(base: UnsafePointer<UInt8>, count: Int, hasEscapes: Bool = false) {
        self.base = base
        self.count = count
        self.hasEscapes = hasEscapes
    }

    /// All of `bytes`.
    @inlinable
    public init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.init(base: bytes.baseAddress ?? ("" as StaticString).utf8Start, count: bytes.count)
    }

    @inlinable
    public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

    @inlinable
    public var isEmpty: Bool { count == 0 }

    /// Whether the bytes as they stand are those of `literal`; an escaped spelling is another run of bytes.
    @inlinable @inline(__always)
    public func isEqual(to literal: StaticString) -> Bool {
        count == literal.utf8CodeUnitCount && memcmp(base, literal.utf8Start, literal.utf8CodeUnitCount) == 0
    }

    /// Whether both hold the same bytes.
    @inlinable
    public func isEqual(to other: JSONText) -> Bool {
        count == other.count && memcmp(base, other.base, count) == 0
    }

    /// Whether the bytes are those of `other`.
    @inlinable
    public func isEqual(to other: [UInt8]) -> Bool {
        count == other.count && other.withUnsafeBufferPointer { memcmp(base, $0.baseAddress ?? base, count) == 0 }
    }

    /// The characters that the text stands for, escapes resolved. Allocates; not for a path that runs per message.
    public var string: String {
        guard hasEscapes else { return String(decoding: bytes, as: UTF8.self) }
        var buffer = ByteBuffer(capacity: count)
        buffer.append(unescaping: self)
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    /// A copy of the bytes as they stand.
    public var array: [UInt8] { Array(bytes) }
}

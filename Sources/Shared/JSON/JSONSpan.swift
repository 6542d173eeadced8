/// Where a text lies, counted from the first byte of what it was read off: true also after those bytes have moved.
///
/// Eight bytes instead of the 24 of an optional `JSONText`, for what is kept of many messages.
public struct JSONSpan: BitwiseCopyable, Sendable {
    @usableFromInline let start: UInt32
    /// Bytes, twice; odd where escapes are among them.
    @usableFromInline let size: UInt32

    /// The place of a text that may not be told. What it was read off is smaller than a GiB.
    ///
    /// - Parameter base: The first byte of what it was read off.
    @inlinable @inline(__always)
    public init(_ text: JSONText?, from base: UnsafePointer<UInt8>) {
        guard let text else {
            (start, size) = (0, UInt32.max)
            return
        }
        precondition(text.base >= base && text.base - base + text.count < 1 << 30)
        start = UInt32(truncatingIfNeeded: text.base - base)
        size = UInt32(truncatingIfNeeded: text.count << 1 | (text.hasEscapes ? 1 : 0))
    }

    /// Whether there is a text.
    @inlinable @inline(__always)
    public var isTold: Bool { size != UInt32.max }

    /// Whether there is no text, or nothing in it.
    @inlinable @inline(__always)
    public var isEmpty: Bool { size < 2 || size == UInt32.max }

    /// The text; nil where there is none.
    ///
    /// - Parameter base: Where the bytes that it was read off begin now.
    @inlinable @inline(__always)
    public func text(from base: UnsafePointer<UInt8>) -> JSONText? {
        isTold ? JSONText(base: base + Int(start), count: Int(size >> 1), hasEscapes: size & 1 == 1) : nil
    }
}

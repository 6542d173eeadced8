public import Glibc

/// Bytes in one growing piece of memory, owned by one place: what lines are written into.
///
/// It grows by doubling and shrinks only when it is told to (`giveBack`), so a path that has warmed up allocates nothing.
public struct ByteBuffer: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<UInt8>
    @usableFromInline var capacity: Int
    @usableFromInline var used = 0

    public init(capacity: Int = 4096) {
        self.capacity = max(capacity, 64)
        base = UnsafeMutablePointer<UInt8>.allocate(capacity: self.capacity)
    }

    /// Bytes written.
    @inlinable
    public var count: Int { used }

    deinit { base.deallocate() }

    /// The bytes written, valid until the next change.
    @inlinable
    public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: used) }

    /// The bytes written, as text of a scanner; valid until the next change.
    @inlinable
    public var text: JSONText { JSONText(base: UnsafePointer(base), count: used) }

    /// Forgets the bytes and keeps the memory.
    @inlinable
    public mutating func removeAll() { truncate(to: 0) }

    /// Forgets the bytes from `count` on.
    @inlinable
    public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= used)
        used = count
    }

    /// Forgets the first `prefix` bytes and moves the others to the front.
    public mutating func removeFirst(_ prefix: Int) {
        precondition(prefix >= 0 && prefix <= used)
        used -= prefix
        if used > 0 { memmove(base, base + prefix, used) }
    }

    /// Memory that is kept for the next time, whatever was needed once.
    public static let keptBytes = 1 << 20

    /// Gives memory back that only something huge needed: what is beyond `keptBytes`, once little is left in it.
    @inlinable @inline(__always)
    public mutating func giveBack() {
        if capacity > ByteBuffer.keptBytes, used <= ByteBuffer.keptBytes / 8 { shrink() }
    }

    @usableFromInline
    mutating func shrink() {
        capacity = ByteBuffer.keptBytes / 4
        let smaller = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        memcpy(smaller, base, used)
        base.deallocate()
        base = smaller
    }

    @inlinable @inline(__always)
    public mutating func reserve(_ more: Int) {
        if capacity - used < more { grow(more) }
    }

    @usableFromInline
    mutating func grow(_ more: Int) {
        let wanted = max(capacity * 2, used + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: wanted)
        memcpy(larger, base, used)
        base.deallocate()
        base = larger
        capacity = wanted
    }

    /// Where the next byte goes, with room for `room` bytes; `commit` tells how many were written.
    @inlinable @inline(__always)
    public mutating func spare(_ room: Int) -> UnsafeMutablePointer<UInt8> {
        reserve(room)
        return base + used
    }

    /// Counts in bytes that were written through `spare`.
    @inlinable @inline(__always)
    public mutating func commit(_ written: Int) {
        precondition(written >= 0 && written <= capacity - used)
        used += written
    }

    @inlinable
    public mutating func append(_ byte: UInt8) {
        spare(1).pointee = byte
        commit(1)
    }

    @inlinable
    public mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        memcpy(spare(bytes.count), source, bytes.count)
        commit(bytes.count)
    }

    @inlinable
    public mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { append($0) }
    }

    @inlinable @inline(__always)
    public mutating func append(_ literal: StaticString) {
        let size = literal.utf8CodeUnitCount
        memcpy(spare(size), literal.utf8Start, size)
        commit(size)
    }

    /// The bytes of `text` as they stand.
    @inlinable
    public mutating func append(raw text: JSONText) { append(text.bytes) }

    public mutating func append(utf8 string: String) {
        var string = string
        string.withUTF8 { append($0) }
    }
}

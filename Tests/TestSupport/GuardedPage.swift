import Glibc

/// Memory with a page before and behind it that nobody may touch: a reader that looks one byte too far dies at once.
public final class GuardedPage {
    private let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))
    private let base: UnsafeMutableRawPointer
    private let roomBytes: Int

    public init(capacity: Int = 1 << 16) {
        roomBytes = (capacity + pageBytes - 1) / pageBytes * pageBytes
        base = mmap(nil, roomBytes + 2 * pageBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        precondition(base != MAP_FAILED, "mmap refused")
        precondition(mprotect(base + pageBytes, roomBytes, PROT_READ | PROT_WRITE) == 0, "mprotect refused")
    }

    deinit { munmap(base, roomBytes + 2 * pageBytes) }

    /// The bytes, put so that the first one after them cannot be read.
    public func place(_ bytes: some Collection<UInt8>) -> UnsafeBufferPointer<UInt8> {
        place(bytes, at: base + pageBytes + roomBytes - bytes.count)
    }

    /// The bytes, put so that the last one before them cannot be read.
    public func placeAtStart(_ bytes: some Collection<UInt8>) -> UnsafeBufferPointer<UInt8> {
        place(bytes, at: base + pageBytes)
    }

    private func place(_ bytes: some Collection<UInt8>, at start: UnsafeMutableRawPointer) -> UnsafeBufferPointer<UInt8> {
        precondition(bytes.count <= roomBytes)
        let target = UnsafeMutableBufferPointer(start: start.assumingMemoryBound(to: UInt8.self), count: bytes.count)
        _ = target.initialize(from: bytes)
        return UnsafeBufferPointer(target)
    }
}

import Glibc

/// Memory whose last byte is followed by a page that nobody may touch: a reader that looks one byte too far dies at once.
///
/// The bytes before the text are a page that nobody may touch too, as far as the text fills whole pages.
final class GuardedPage {
    private let base: UnsafeMutableRawPointer
    private let size: Int
    private let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

    init(capacity: Int = 1 << 16) {
        size = (capacity + pageSize - 1) / pageSize * pageSize
        base = mmap(nil, size + pageSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        precondition(base != MAP_FAILED, "mmap refused")
        precondition(mprotect(base + size, pageSize, PROT_NONE) == 0, "mprotect refused")
    }

    deinit { munmap(base, size + pageSize) }

    /// The bytes, put so that the first one after them cannot be read.
    func place(_ bytes: some Collection<UInt8>) -> UnsafeBufferPointer<UInt8> {
        let count = bytes.count
        precondition(count <= size)
        let start = (base + (size - count)).assumingMemoryBound(to: UInt8.self)
        let target = UnsafeMutableBufferPointer(start: start, count: count)
        _ = target.initialize(from: bytes)
        return UnsafeBufferPointer(target)
    }
}

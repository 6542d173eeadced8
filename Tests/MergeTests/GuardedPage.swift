import Glibc

/// A page whose last byte is followed by memory that may not be touched: reading past a line ends the test at once.
final class GuardedPage {
    private let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))
    private let base: UnsafeMutableRawPointer
    private let roomBytes: Int

    init(roomBytes: Int) {
        self.roomBytes = (roomBytes + pageBytes - 1) / pageBytes * pageBytes
        base = mmap(nil, self.roomBytes + 2 * pageBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        mprotect(base + pageBytes, self.roomBytes, PROT_READ | PROT_WRITE)
    }

    deinit { munmap(base, roomBytes + 2 * pageBytes) }

    /// The bytes, ending where the page ends.
    func atEnd(_ bytes: [UInt8]) -> UnsafeBufferPointer<UInt8> {
        let start = base + pageBytes + roomBytes - bytes.count
        bytes.withUnsafeBytes { start.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(start), byteCount: bytes.count) }
        return UnsafeBufferPointer(start: start.assumingMemoryBound(to: UInt8.self), count: bytes.count)
    }

    /// The bytes, beginning where the page begins.
    func atStart(_ bytes: [UInt8]) -> UnsafeBufferPointer<UInt8> {
        let start = base + pageBytes
        bytes.withUnsafeBytes { start.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(start), byteCount: bytes.count) }
        return UnsafeBufferPointer(start: start.assumingMemoryBound(to: UInt8.self), count: bytes.count)
    }
}

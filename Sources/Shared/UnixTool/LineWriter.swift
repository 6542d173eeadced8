import Glibc
public import JSON

/// Lines to a file descriptor, a whole number of them in every write.
///
/// Lines are written into `buffer` and counted by `endLine`. A terminal and `--line-buffered` get each line at once; everybody else gets
/// them at 64 KiB, when the tool has nothing left to do (`flush`), or after 5 ms (`flushIfDue`).
public struct LineWriter: ~Copyable {
    private static let flushBytes = 1 << 16
    private static let holdMicros: Int64 = 5000

    public let descriptor: Int32
    private let isLineBuffered: Bool
    public var buffer = ByteBuffer(capacity: 1 << 17)
    public private(set) var lineCount: Int64 = 0
    public private(set) var byteCount: Int64 = 0
    /// The monotonic time of the oldest line that waits, as of the last `flushIfDue`; nil when none did.
    private var oldestMicros: Int64?
    /// Ends the output after so many lines.
    private let linesMax: Int64?

    public init(descriptor: Int32 = 1, isLineBuffered: Bool = false, linesMax: Int64? = nil) {
        self.descriptor = descriptor
        self.linesMax = linesMax
        self.isLineBuffered = isLineBuffered || Descriptor.isTerminal(descriptor)
        Descriptor.widenPipe(descriptor)
    }

    /// Whether `--limit` is reached. Lines beyond it are not written.
    public var isFull: Bool { linesMax.map { lineCount >= $0 } ?? false }

    /// A line (its newline included) has been put into `buffer`, the bytes from `start` on.
    @inline(__always)
    public mutating func endLine(from start: Int) throws {
        if let linesMax, lineCount >= linesMax {
            buffer.truncate(to: start)
            return
        }
        lineCount += 1
        if isLineBuffered || buffer.count >= LineWriter.flushBytes { try flush() }
    }

    /// Writes what waits, if the oldest of it has waited for 5 ms.
    public mutating func flushIfDue(nowMicros: Int64) throws {
        guard buffer.count > 0 else { return oldestMicros = nil }
        guard let oldest = oldestMicros else { return oldestMicros = nowMicros }
        if nowMicros - oldest >= LineWriter.holdMicros { try flush() }
    }

    /// Writes all that waits. `ReaderGone` if nobody reads any more.
    public mutating func flush() throws {
        var written = 0
        defer {
            buffer.removeFirst(written)
            byteCount += Int64(written)
            oldestMicros = nil
        }
        while written < buffer.count {
            let count = write(descriptor, buffer.bytes.baseAddress! + written, buffer.count - written)
            if count >= 0 {
                written += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EPIPE: throw ReaderGone()
            case EAGAIN:
                // Somebody else made our output non-blocking; it is shared with them and not ours to change.
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waiting, 1, -1)
            default:
                throw ToolFailure(.ioError, "cannot write to \(name): \(SystemError.text()); what was not written is lost")
            }
        }
    }

    private var name: String { descriptor == 1 ? "standard output" : "descriptor \(descriptor)" }
}

public import Glibc
public import JSON

/// Lines to a file descriptor, a whole number of them in every write.
///
/// Lines are written into `buffer` and counted by `endLine`. A terminal and `--line-buffered` get each line at once; everybody else gets
/// them at 64 KiB, when the tool has nothing left to do (`flush`), or after 5 ms (`flushIfDue`).
///
/// A writer waits for its reader, unless it is made `isQueued`: then a write takes what the reader takes, a part of a line perhaps, and
/// keeps the rest in memory (`pendingCount`), in order, until the next. Whoever fills it must look at that number.
public struct LineWriter: ~Copyable {
    private static let flushBytes = 1 << 16
    private static let holdMicros: Int64 = 5000

    public let descriptor: Int32
    private let isLineBuffered: Bool
    public var buffer = ByteBuffer(capacity: 1 << 17)
    public private(set) var lineCount: Int64 = 0
    /// Bytes written.
    public var byteCount: Int64 { queue?.byteCount ?? directByteCount }
    private var directByteCount: Int64 = 0
    /// nil: it waits for its reader.
    private let queue: OutputQueue?
    /// The monotonic time of the oldest line that waits, as of the last `flushIfDue`; nil when none did.
    private var oldestMicros: Int64?
    /// Ends the output after so many lines.
    private let linesMax: Int64?

    /// - Parameters:
    ///   - descriptor: Stays as it is: nothing is set non-blocking on it. Must stay open as long as the writer lives.
    ///   - isQueued: Never to wait for the reader.
    public init(descriptor: Int32 = 1, isLineBuffered: Bool = false, linesMax: Int64? = nil, isQueued: Bool = false) {
        self.init(descriptor, isLineBuffered, linesMax, queue: isQueued ? OutputQueue(NonwaitingOutput(descriptor)) : nil)
    }

    init(_ descriptor: Int32, _ isLineBuffered: Bool = false, _ linesMax: Int64? = nil, queue: OutputQueue?) {
        self.descriptor = descriptor
        self.queue = queue
        self.linesMax = linesMax
        self.isLineBuffered = isLineBuffered || Descriptor.isTerminal(descriptor)
        Descriptor.widenPipe(descriptor)
    }

    /// Whether it never waits for its reader.
    public var isQueued: Bool { queue != nil }

    /// Bytes that are not written yet.
    public var pendingCount: Int { buffer.count + (queue?.count ?? 0) }

    /// Lines that are not written yet, or not whole. Counts them one by one: for the end of a run.
    public var pendingLineCount: Int64 {
        buffer.bytes.reduce(into: queue?.lineCount ?? 0) { if $1 == UInt8(ascii: "\n") { $0 += 1 } }
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

    /// Writes all that waits; a queued writer what the reader takes now. `ReaderGone` if nobody reads any more.
    public mutating func flush() throws {
        if let queue {
            oldestMicros = nil
            defer { buffer.giveBack() }
            do { return try queue.write(&buffer) } catch let failure as WriteFailure { throw ioError(failure.code) }
        }
        var written = 0
        defer {
            buffer.removeFirst(written)
            buffer.giveBack()
            directByteCount += Int64(written)
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
                throw ioError(errno)
            }
        }
    }

    private func ioError(_ code: Int32) -> ToolFailure {
        ToolFailure(.ioError, "cannot write to \(name): \(SystemError.text(code)); what was not written is lost")
    }

    private var name: String { descriptor == 1 ? "standard output" : "descriptor \(descriptor)" }
}

// MARK: Queued writers and their loops

extension LineWriter {
    /// Adds a queued writer to what a loop waits for: one entry, to be handed to `take` after the wait. Nothing for others.
    ///
    /// - Parameter isWanted: To be woken when the reader takes something though nothing waits for it.
    public func appendPoll(_ polls: inout [pollfd], isWanted: Bool = false) {
        guard let queue else { return }
        // Without events the system still tells that the reader is gone.
        let events = isWanted || pendingCount > 0 ? Int16(POLLOUT) : 0
        polls.append(pollfd(fd: queue.output.descriptor, events: events, revents: 0))
    }

    /// Takes what `poll` said of a queued writer, and writes if there is room. `ReaderGone` if nobody reads any more, though nothing waits.
    public mutating func take(_ polled: pollfd) throws {
        if NonwaitingOutput.isGone(polled.revents) { throw ReaderGone() }
        if polled.revents & Int16(POLLNVAL) != 0 { throw ioError(EBADF) }
        if polled.revents & Int16(POLLOUT) != 0 { try flush() }
    }

    /// Writes what waits, and waits for the reader until `deadline` of the monotonic clock at the longest. For the end of a run.
    ///
    /// - Returns: Lines that were not written, or not whole; 0 if all is done. A writer that is not queued waits for ever.
    public mutating func flush(untilMonotonicMicros deadline: Int64) throws -> Int64 {
        try flush()
        while pendingCount > 0, try wait(untilMonotonicMicros: deadline) { try flush() }
        return pendingLineCount
    }

    /// Waits for a queued writer's reader to take something, or to go, or for a signal. False if the time is over.
    public func wait(untilMonotonicMicros deadline: Int64) throws -> Bool {
        let left = deadline - Clock.monotonicMicros()
        guard let queue, left > 0 else { return false }
        return queue.output.wait(timeoutMillis: Int32(clamping: left / 1000 + 1))
    }
}

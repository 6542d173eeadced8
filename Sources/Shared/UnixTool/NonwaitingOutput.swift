import Glibc

/// A descriptor that is written to without ever waiting for its reader.
///
/// Descriptors 0, 1 and 2 are shared with other processes, which would be surprised to find them non-blocking. So nothing of the
/// descriptor itself is changed:
///
/// * a pipe, a FIFO, a terminal or a memory device is opened anew, non-blocking, through /proc (a new open file description);
/// * a socket takes the wish not to wait with each `send`;
/// * a regular file and a block device have no reader to wait for;
/// * where /proc is away or opening is forbidden (the pipe is another user's), it is asked before each write of at most PIPE_BUF bytes.
///   That never waits on a pipe. On a terminal it could, for a moment: its room may be less than a piece.
struct NonwaitingOutput: ~Copyable {
    enum Way: Equatable {
        case reopened, socket, direct, asked
    }

    /// What a pipe takes whole if it takes anything: PIPE_BUF of Linux.
    private static let askedBytes = 4096
    /// A terminal may have room for less.
    private static let askedTerminalBytes = 64

    /// What is written to and polled: the descriptor that was given, or our own.
    let descriptor: Int32
    let way: Way
    private let pieceBytes: Int

    /// - Parameters:
    ///   - shared: A descriptor that stays as it is and stays open as long as this lives.
    ///   - folder: Where the process's descriptors can be opened anew.
    init(_ shared: Int32, folder: String = "/proc/self/fd") {
        switch Descriptor.kind(shared) {
        case S_IFREG, S_IFBLK:
            (descriptor, way, pieceBytes) = (shared, .direct, Int.max)
        case S_IFSOCK:
            (descriptor, way, pieceBytes) = (shared, .socket, Int.max)
        default:
            // ENXIO (a pipe without readers) is told by the first question, too.
            let own =
                Descriptor.isReopenable(shared) ? open("\(folder)/\(shared)", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) : -1
            if own >= 0 {
                (descriptor, way, pieceBytes) = (own, .reopened, Int.max)
            } else {
                let most = Descriptor.isTerminal(shared) ? NonwaitingOutput.askedTerminalBytes : NonwaitingOutput.askedBytes
                (descriptor, way, pieceBytes) = (shared, .asked, most)
            }
        }
    }

    deinit { if way == .reopened { close(descriptor) } }

    /// Writes what the reader takes of `bytes` now: at least one byte; nil if it takes nothing.
    ///
    /// - Throws: `ReaderGone` if nobody reads any more; the system's reason for all else, as a number of `errno`.
    func write(_ bytes: UnsafeRawBufferPointer) throws -> Int? {
        while true {
            if way == .asked, try !isReady() { return nil }
            let size = min(bytes.count, pieceBytes)
            let count =
                way == .socket
                ? send(descriptor, bytes.baseAddress, size, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
                : Glibc.write(descriptor, bytes.baseAddress, size)
            if count > 0 { return count }
            if count == 0 { return nil }
            switch errno {
            case EINTR: continue
            case EAGAIN: return nil
            case EPIPE, ECONNRESET: throw ReaderGone()
            case let code:
                // A terminal that was closed says no more than "input/output error".
                if code == EIO, hasHungUp { throw ReaderGone() }
                throw WriteFailure(code: code)
            }
        }
    }

    /// Waits until the reader takes something or is gone, or a signal comes, or the time is over. False if the time is over.
    func wait(timeoutMillis: Int32) -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&polled, 1, timeoutMillis) != 0
    }

    private func isReady() throws -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&polled, 1, 0) > 0 else { return false }
        if NonwaitingOutput.isGone(polled.revents) { throw ReaderGone() }
        // A descriptor that is closed is for `write` to tell.
        return polled.revents & Int16(POLLOUT | POLLNVAL) != 0
    }

    private var hasHungUp: Bool {
        var polled = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&polled, 1, 0) > 0 && NonwaitingOutput.isGone(polled.revents)
    }

    /// Whether what `poll` said means that nobody reads any more.
    static func isGone(_ revents: Int16) -> Bool { revents & Int16(POLLERR | POLLHUP) != 0 }
}

/// What the system said of a write, for whoever knows the name of what was written to.
struct WriteFailure: Error {
    let code: Int32
}

import Glibc

/// A descriptor that one thread makes readable, so that the wait of another one ends.
public final class WakePipe: Sendable {
    /// Readable from `ring` until `takeRings`.
    public let descriptor: Int32
    private let writeEnd: Int32

    /// Fails only where the process has no descriptors left.
    public init() throws(ToolFailure) {
        var ends: [Int32] = [-1, -1]
        // A pair of sockets, because Swift does not see pipe2(2), which alone would keep a pipe from other programs.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw ToolFailure(.ioError, "no descriptor is left for waking a thread: \(SystemError.text()); raise ulimit -n")
        }
        (descriptor, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(writeEnd)
    }

    /// Makes it readable. Never waits: a pipe that is full is readable already.
    public func ring() {
        var byte: UInt8 = 0
        _ = send(writeEnd, &byte, 1, Int32(MSG_NOSIGNAL))
    }

    /// Waits until it is readable, for so long at most. For threads beside the loop: signals do not end it.
    public func wait(millisMax: Int32) {
        var polls = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&polls, 1, millisMax)
    }

    /// Makes it quiet again.
    public func takeRings() {
        var bytes: (UInt64, UInt64) = (0, 0)
        while read(descriptor, &bytes, 16) > 0 {}
    }
}

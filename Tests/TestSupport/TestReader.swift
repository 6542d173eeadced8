import Glibc

/// Two ends of something that bytes go through, as a program's standard output could be, and a reader that reads when a test says so.
public final class TestReader {
    public enum Kind: CaseIterable, Sendable {
        /// `pipeAsked`: a pipe that cannot be opened anew.
        case pipe, pipeAsked, socket, terminal, terminalAsked
    }

    public let kind: Kind
    public let writeEnd: Int32
    private var readEnd: Int32
    public private(set) var bytes: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 1 << 20)

    public init(_ kind: Kind) {
        self.kind = kind
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [-1, -1]
        switch kind {
        case .pipe, .pipeAsked:
            precondition(Glibc.pipe(&ends) == 0)
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        case .socket: precondition(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        case .terminal, .terminalAsked:
            ends = TestReader.openTerminal()
            var settings = termios()
            precondition(tcgetattr(ends[1], &settings) == 0)
            cfmakeraw(&settings)
            tcsetattr(ends[1], TCSANOW, &settings)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        closeRead()
        close(writeEnd)
    }

    /// The emulator's side of a new terminal, and the terminal.
    private static func openTerminal() -> [Int32] {
        let emulator = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        let (getNumber, setLock): (UInt, UInt) = (0x8004_5430, 0x4004_5431)  // TIOCGPTN, TIOCSPTLCK of <asm-generic/ioctls.h>
        var (number, lock): (Int32, Int32) = (0, 0)
        precondition(ioctl(emulator, setLock, &lock) == 0 && ioctl(emulator, getNumber, &number) == 0)
        return [emulator, open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)]
    }

    public func closeRead() {
        if readEnd >= 0 { close(readEnd) }
        readEnd = -1
    }

    /// Reads what is there, at most so much, without waiting for more.
    public func read(atMost size: Int) {
        var left = size
        while left > 0 {
            var polls = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
            guard poll(&polls, 1, 0) == 1, polls.revents & Int16(POLLIN) != 0 else { return }
            let count = Glibc.read(readEnd, &chunk, min(left, chunk.count))
            guard count > 0 else { return }
            bytes += chunk[..<count]
            left -= count
        }
    }

    /// Makes a pipe hold no more than that, whatever was asked for it.
    public func narrowPipe(bytes: Int32) {
        let setPipeSize: Int32 = 1031  // F_SETPIPE_SZ of <fcntl.h>
        precondition(fcntl(writeEnd, setPipeSize, bytes) > 0)
    }

    /// Gives what was read so far, and forgets it.
    public func takeBytes() -> [UInt8] {
        defer { bytes.removeAll() }
        return bytes
    }
}

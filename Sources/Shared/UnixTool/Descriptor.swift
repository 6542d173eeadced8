public import Glibc

/// What the system tells of a file descriptor.
public enum Descriptor {
    public static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Whether reading it never waits for a writer.
    public static func isRegularFile(_ descriptor: Int32) -> Bool { kind(descriptor) == S_IFREG }

    public static func isPipe(_ descriptor: Int32) -> Bool { kind(descriptor) == S_IFIFO }

    public static func isDirectory(_ descriptor: Int32) -> Bool { kind(descriptor) == S_IFDIR }

    /// Whether it is of the file that is also standard output, so that whoever copies it would read its own lines for ever.
    public static func isStandardOutput(_ descriptor: Int32) -> Bool {
        guard isRegularFile(descriptor), let output = FileStatus(descriptor: 1) else { return false }
        return FileStatus(descriptor: descriptor)?.identity == output.identity
    }

    /// The file type bits of its mode (`S_IFREG` …); 0 if there is no such descriptor.
    static func kind(_ descriptor: Int32) -> mode_t { status(descriptor).st_mode & S_IFMT }

    /// Whether opening it anew gives the same thing: a pipe, a FIFO, a terminal, or a device without a state such as /dev/null.
    ///
    /// Not so the side of a pseudo-terminal that a terminal emulator holds: opening that makes another terminal.
    static func isReopenable(_ descriptor: Int32) -> Bool {
        let status = status(descriptor)
        switch status.st_mode & S_IFMT {
        case S_IFIFO: return true
        case S_IFCHR:
            // Device numbers as in the kernel's devices.txt: major << 8 | minor, for the small ones.
            let (memoryMajor, ptmx): (dev_t, dev_t) = (1, 5 << 8 | 2)
            return status.st_rdev >> 8 == memoryMajor || (isTerminal(descriptor) && status.st_rdev != ptmx)
        default: return false
        }
    }

    private static func status(_ descriptor: Int32) -> stat {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? status : stat()
    }

    /// Asks for a pipe of 1 MiB: fewer, larger reads and writes when there is a backlog. Whatever the system allows is fine.
    public static func widenPipe(_ descriptor: Int32) {
        guard isPipe(descriptor) else { return }
        let setPipeSize: Int32 = 1031  // F_SETPIPE_SZ of <fcntl.h>, which Swift does not import
        var size: Int32 = 1 << 20
        while size > 1 << 16, fcntl(descriptor, setPipeSize, size) < 0 { size /= 2 }
    }

    /// Waits until one of `descriptors` can be read, or `timeoutMillis` are over, or a signal comes. Negative waits without end.
    ///
    /// Gives a flag for each descriptor; a hang-up counts as readable, since only reading tells the end.
    /// What is asked of `others` ends the wait too.
    public static func waitReadable(_ descriptors: [Int32], others: [pollfd] = [], timeoutMillis: Int32) -> [Bool] {
        let polls = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        return wait(for: polls + others, timeoutMillis: timeoutMillis).prefix(descriptors.count).map { $0 }
    }

    /// The same for whatever is asked of each descriptor.
    @discardableResult
    public static func wait(for asked: [pollfd], timeoutMillis: Int32) -> [Bool] {
        var polls = asked
        // A signal that came before the wait ends it too; a mere look leaves it to the wait that follows.
        if timeoutMillis != 0 { polls.append(pollfd(fd: Signals.wakeDescriptor, events: Int16(POLLIN), revents: 0)) }
        let count = poll(&polls, nfds_t(polls.count), timeoutMillis)
        guard count > 0 else { return asked.map { _ in false } }
        if timeoutMillis != 0, polls.removeLast().revents != 0 { Signals.takeWake() }
        return polls.map { $0.revents != 0 }
    }

    /// Whether reading would give something (or the end) at once.
    public static func isReadable(_ descriptor: Int32) -> Bool {
        waitReadable([descriptor], timeoutMillis: 0)[0]
    }
}

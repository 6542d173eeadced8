import Glibc

/// What the system tells of a file descriptor.
public enum Descriptor {
    public static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Whether reading it never waits for a writer.
    public static func isRegularFile(_ descriptor: Int32) -> Bool { kind(descriptor) == S_IFREG }

    public static func isPipe(_ descriptor: Int32) -> Bool { kind(descriptor) == S_IFIFO }

    public static func isDirectory(_ descriptor: Int32) -> Bool { kind(descriptor) == S_IFDIR }

    private static func kind(_ descriptor: Int32) -> mode_t {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : 0
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
    public static func waitReadable(_ descriptors: [Int32], timeoutMillis: Int32) -> [Bool] {
        var polls = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // A signal that came before the wait ends it too; a mere look leaves it to the wait that follows.
        if timeoutMillis != 0 { polls.append(pollfd(fd: Signals.wakeDescriptor, events: Int16(POLLIN), revents: 0)) }
        let count = poll(&polls, nfds_t(polls.count), timeoutMillis)
        guard count > 0 else { return descriptors.map { _ in false } }
        if timeoutMillis != 0, polls.removeLast().revents != 0 { Signals.takeWake() }
        return polls.map { $0.revents != 0 }
    }

    /// Whether reading would give something (or the end) at once.
    public static func isReadable(_ descriptor: Int32) -> Bool {
        waitReadable([descriptor], timeoutMillis: 0)[0]
    }
}

import Glibc

/// A terminal whose whole screen is ours for a while: the alternate screen, without cursor, line wrap and echo.
///
/// Whoever borrows it writes `enterBytes`, and before the end `leaveBytes` and `giveBack`. If a second signal ends the process before
/// that, its handler does both.
public enum BorrowedTerminal {
    /// Alternate screen, no cursor, no wrap at the right edge.
    public static let enterBytes: StaticString = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
    /// The other way round. CAN first: it ends a sequence that was cut.
    public static let leaveBytes: StaticString = "\u{18}\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    nonisolated(unsafe) private static var descriptor: Int32 = -1
    /// How the terminal was; made before any handler looks at it, never freed. nil if it was not changed.
    nonisolated(unsafe) private static var past: UnsafeMutablePointer<termios>?

    /// Whether the descriptor is a terminal on which a cursor can be moved.
    public static func isPossible(_ descriptor: Int32) -> Bool {
        guard Descriptor.isTerminal(descriptor), let name = getenv("TERM").map({ String(cString: $0) }) else { return false }
        return !name.isEmpty && name != "dumb"
    }

    /// Whether both descriptors are one terminal.
    public static func isSame(_ one: Int32, _ other: Int32) -> Bool {
        guard Descriptor.isTerminal(one), Descriptor.isTerminal(other) else { return false }
        var (first, second) = (stat(), stat())
        return fstat(one, &first) == 0 && fstat(other, &second) == 0 && first.st_rdev == second.st_rdev
    }

    /// Keys are echoed no more, and a second signal gives the terminal back.
    ///
    /// A job in the background may not change its terminal, and who types events wants to see them.
    public static func take(_ terminal: Int32) {
        descriptor = terminal
        var now = termios()
        if !Descriptor.isTerminal(0), tcgetpgrp(terminal) == getpgrp(), tcgetattr(terminal, &now) == 0 {
            if past == nil { past = UnsafeMutablePointer<termios>.allocate(capacity: 1) }
            past?.initialize(to: now)
            now.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(terminal, TCSANOW, &now)
        }
        Signals.lastAct = { BorrowedTerminal.giveBackAtOnce() }
    }

    /// Keys are echoed as before. The screen is left by whoever wrote to it.
    public static func giveBack() {
        Signals.lastAct = nil
        restoreEcho()
        past = nil
    }

    /// What a job in the background tried would stop it.
    private static func restoreEcho() {
        if let past, tcgetpgrp(descriptor) == getpgrp() { tcsetattr(descriptor, TCSANOW, past) }
    }

    /// Inside a signal handler: only what may be done there, and nothing that waits for a terminal that takes nothing.
    private static func giveBackAtOnce() {
        restoreEcho()
        var asked = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&asked, 1, 0) > 0 else { return }
        _ = write(descriptor, leaveBytes.utf8Start, leaveBytes.utf8CodeUnitCount)
    }
}

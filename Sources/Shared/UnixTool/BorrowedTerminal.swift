import Glibc

/// A terminal whose whole screen is ours for a while: the alternate screen, without cursor, line wrap and echo.
///
/// Whoever borrows it writes `enterBytes`, and before the end `leaveBytes` and `giveBack`. If a second signal ends the process before
/// that, its handler does both; so does that of SIGTSTP (Ctrl-Z), and when the job is in the foreground again the screen is borrowed anew.
public enum BorrowedTerminal {
    /// Alternate screen, no cursor, no wrap at the right edge.
    public static let enterBytes: StaticString = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
    /// The other way round. CAN first: it ends a sequence that was cut.
    public static let leaveBytes: StaticString = "\u{18}\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    nonisolated(unsafe) private static var descriptor: Int32 = -1
    /// How the terminal was; made before any handler looks at it, never freed. nil if it was not changed.
    nonisolated(unsafe) private static var past: UnsafeMutablePointer<termios>?

    /// The job was stopped and goes on: what was on the screen is gone. Made before any handler looks at it, never freed.
    nonisolated(unsafe) private static let wasStopped: UnsafeMutablePointer<sig_atomic_t> = {
        let note = UnsafeMutablePointer<sig_atomic_t>.allocate(capacity: 1)
        note.initialize(to: 0)
        return note
    }()

    /// Whether the job was stopped and goes on since the last call.
    public static func takeContinued() -> Bool {
        guard wasStopped.pointee != 0 else { return false }
        wasStopped.pointee = 0
        return true
    }

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

    /// Keys are echoed no more, and signals give the terminal back.
    ///
    /// A job in the background may not change its terminal, and who types events wants to see them.
    public static func take(_ terminal: Int32) {
        descriptor = terminal
        _ = wasStopped
        var now = termios()
        if !Descriptor.isTerminal(0), isForeground, tcgetattr(terminal, &now) == 0 {
            if past == nil { past = UnsafeMutablePointer<termios>.allocate(capacity: 1) }
            past?.initialize(to: now)
            stopEcho()
        }
        Signals.lastAct = { BorrowedTerminal.giveBackAtOnce() }
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in BorrowedTerminal.stop() }
        sigemptyset(&action.sa_mask)
        action.sa_flags = SA_RESTART
        sigaction(SIGTSTP, &action, nil)
    }

    /// Keys are echoed as before. The screen is left by whoever wrote to it.
    public static func giveBack() {
        signal(SIGTSTP, SIG_DFL)
        Signals.lastAct = nil
        restoreEcho()
        past = nil
    }

    private static var isForeground: Bool { tcgetpgrp(descriptor) == getpgrp() }

    private static func stopEcho() {
        guard var now = past?.pointee, isForeground else { return }
        now.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(descriptor, TCSANOW, &now)
    }

    /// What a job in the background tried would stop it.
    private static func restoreEcho() {
        if let past, isForeground { tcsetattr(descriptor, TCSANOW, past) }
    }

    // MARK: Inside signal handlers: only what may be done there, and nothing that waits for a terminal that takes nothing

    private static func giveBackAtOnce() {
        restoreEcho()
        writeAtOnce(leaveBytes)
    }

    private static func stop() {
        let code = errno
        giveBackAtOnce()
        // Who goes on in the background would draw over what is there.
        repeat { raise(SIGSTOP) } while !isForeground && tcgetpgrp(descriptor) > 0
        stopEcho()
        writeAtOnce(enterBytes)
        wasStopped.pointee = 1
        errno = code
    }

    private static func writeAtOnce(_ bytes: StaticString) {
        var asked = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&asked, 1, 0) > 0 else { return }
        _ = write(descriptor, bytes.utf8Start, bytes.utf8CodeUnitCount)
    }
}

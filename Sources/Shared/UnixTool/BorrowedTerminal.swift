import Glibc

/// A terminal whose whole screen is ours for a while: the alternate screen, without cursor, line wrap and echo.
///
/// Whoever borrows it writes `enterBytes`, and before the end `leaveBytes` and `giveBack`. If a signal ends the process before that, a
/// handler does both; so does that of SIGTSTP (Ctrl-Z), and when the job is in the foreground again `takeAgain` borrows it anew.
public enum BorrowedTerminal {
    /// Alternate screen, no cursor, no wrap at the right edge.
    public static let enterBytes: StaticString = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
    /// The other way round. CAN first: it ends a sequence that was cut.
    public static let leaveBytes: StaticString = "\u{18}\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    /// What ends a process that does not note it, beside a second SIGINT or SIGTERM. A crash is left to whoever wants to see it.
    private static let endings = [SIGQUIT, SIGALRM, SIGUSR2, SIGABRT, SIGXCPU]

    nonisolated(unsafe) private static var descriptor: Int32 = -1
    /// How the terminal was; made before any handler looks at it, never freed. nil if it was not changed.
    nonisolated(unsafe) private static var past: UnsafeMutablePointer<termios>?

    /// The terminal was given back since the job was stopped. Made before any handler looks at it, never freed.
    nonisolated(unsafe) private static let isAway: UnsafeMutablePointer<sig_atomic_t> = {
        let note = UnsafeMutablePointer<sig_atomic_t>.allocate(capacity: 1)
        note.initialize(to: 0)
        return note
    }()

    /// SIGCONT came: others may have written on the screen meanwhile. Made before any handler looks at it, never freed.
    nonisolated(unsafe) private static let isContinued: UnsafeMutablePointer<sig_atomic_t> = {
        let note = UnsafeMutablePointer<sig_atomic_t>.allocate(capacity: 1)
        note.initialize(to: 0)
        return note
    }()

    /// Whether the descriptor is a terminal on which a cursor can be moved.
    public static func isPossible(_ descriptor: Int32) -> Bool {
        guard Descriptor.isTerminal(descriptor), let name = getenv("TERM").map({ String(cString: $0) }) else { return false }
        return !name.isEmpty && name != "dumb"
    }

    /// Whether both descriptors are one terminal. `/dev/tty` is that of the session, by another number.
    public static func isSame(_ one: Int32, _ other: Int32) -> Bool {
        guard Descriptor.isTerminal(one), Descriptor.isTerminal(other) else { return false }
        var (first, second) = (stat(), stat())
        guard fstat(one, &first) == 0, fstat(other, &second) == 0 else { return false }
        if first.st_rdev == second.st_rdev { return true }
        let isOfSession = { (descriptor: Int32) in tcgetsid(descriptor) == getsid(0) }
        return [first.st_rdev, second.st_rdev].contains(5 << 8) && isOfSession(one) && isOfSession(other)
    }

    /// Whether this job has the terminal; so it is where jobs are not controlled.
    public static func isForeground(_ descriptor: Int32) -> Bool {
        let owner = tcgetpgrp(descriptor)
        return owner <= 0 || owner == getpgrp()
    }

    /// Keys are echoed no more, and signals give the terminal back.
    ///
    /// A job in the background may not change its terminal, and who types events wants to see them.
    public static func take(_ terminal: Int32) {
        descriptor = terminal
        (isAway.pointee, isContinued.pointee) = (0, 0)
        var now = termios()
        if !Descriptor.isTerminal(0), isOurs, tcgetattr(terminal, &now) == 0 {
            if past == nil { past = UnsafeMutablePointer<termios>.allocate(capacity: 1) }
            past?.initialize(to: now)
            stopEcho()
        }
        Signals.lastAct = { BorrowedTerminal.giveBackAtOnce() }
        for number in endings where !isIgnored(number) { handle(number) { BorrowedTerminal.end($0) } }
        handle(SIGCONT) { _ in BorrowedTerminal.isContinued.pointee = 1 }
        if !isIgnored(SIGTSTP) { handle(SIGTSTP) { _ in BorrowedTerminal.stop() } }
    }

    /// Takes the terminal again after the job was stopped, once it is in the foreground.
    ///
    /// - Returns: Whether what was on the screen may be gone.
    public static func takeAgain() -> Bool {
        let wasContinued = isContinued.pointee != 0
        isContinued.pointee = 0
        guard isAway.pointee != 0, isForeground(descriptor) else { return wasContinued }
        // Who is stopped in between would believe to have it.
        change(SIG_BLOCK, SIGTSTP)
        stopEcho()
        writeAtOnce(enterBytes)
        isAway.pointee = 0
        change(SIG_UNBLOCK, SIGTSTP)
        return true
    }

    /// Keys are echoed as before, and signals do what they did. The screen is left by whoever wrote to it.
    public static func giveBack() {
        for number in endings + [SIGTSTP, SIGCONT] where !isIgnored(number) { signal(number, SIG_DFL) }
        Signals.lastAct = nil
        restoreEcho()
        past = nil
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        return sigaction(number, nil, &action) == 0 && unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    // MARK: Also inside signal handlers: only what may be done there, and nothing that waits for a terminal that takes nothing

    /// Whether the terminal is controlled and this job has it: what a job in the background tried would stop it.
    private static var isOurs: Bool { tcgetpgrp(descriptor) == getpgrp() }

    private static func stopEcho() {
        guard var now = past?.pointee, isOurs else { return }
        now.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(descriptor, TCSANOW, &now)
    }

    private static func restoreEcho() {
        if let past, isOurs { tcsetattr(descriptor, TCSANOW, past) }
    }

    private static func handle(_ number: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handler
        sigemptyset(&action.sa_mask)
        action.sa_flags = SA_RESTART
        sigaction(number, &action, nil)
    }

    private static func change(_ how: Int32, _ number: Int32) {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, number)
        sigprocmask(how, &set, nil)
    }

    private static func giveBackAtOnce() {
        guard isAway.pointee == 0 else { return }
        restoreEcho()
        writeAtOnce(leaveBytes)
    }

    /// What the signal does to who has no handler for it.
    private static func obey(_ number: Int32) {
        signal(number, SIG_DFL)
        change(SIG_UNBLOCK, number)
        raise(number)
    }

    private static func end(_ number: Int32) {
        giveBackAtOnce()
        obey(number)
    }

    /// The system stops the job, or does not if nobody is there who could let it go on.
    private static func stop() {
        let code = errno
        giveBackAtOnce()
        isAway.pointee = 1
        obey(SIGTSTP)
        handle(SIGTSTP) { _ in BorrowedTerminal.stop() }
        errno = code
    }

    /// What waits for a terminal that takes nothing would be drawn over anyway.
    private static func writeAtOnce(_ bytes: StaticString) {
        if !isWritable, isOurs { tcflush(descriptor, TCOFLUSH) }
        if isWritable { _ = write(descriptor, bytes.utf8Start, bytes.utf8CodeUnitCount) }
    }

    private static var isWritable: Bool {
        var asked = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&asked, 1, 0) > 0 && asked.revents & Int16(POLLOUT) != 0
    }
}

import Glibc

/// The signals of the process: noted by a handler, looked at by the loop.
///
/// The handlers are installed without SA_RESTART, so a signal ends a wait in read, write or poll at once; one that comes just before the
/// wait is told by `wakeDescriptor`. A second SIGINT or SIGTERM is raised again with its default action and ends the process however it
/// hangs.
public enum Signals {
    /// What a handler may touch: made before any handler runs, never freed.
    nonisolated(unsafe) private static let notes: UnsafeMutablePointer<sig_atomic_t> = {
        let notes = UnsafeMutablePointer<sig_atomic_t>.allocate(capacity: 5)
        notes.initialize(repeating: 0, count: 5)
        notes[wakeEnd] = -1
        return notes
    }()

    private static let stop = 0
    private static let reopen = 1
    private static let report = 2
    /// The end of a pipe into which the handler writes a byte.
    private static let wakeEnd = 3
    private static let resize = 4

    /// What the second SIGINT or SIGTERM does before it ends the process. May do what a signal handler may do, and must not wait.
    nonisolated(unsafe) static var lastAct: (@convention(c) () -> Void)?

    /// Readable once a signal came, until `takeWake`; -1 before `install`. A wait that includes it cannot miss a signal.
    nonisolated(unsafe) public private(set) static var wakeDescriptor: Int32 = -1

    /// Ignores SIGPIPE and starts to note the others.
    public static func install() {
        _ = notes
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [-1, -1]
        // Without the pipe, a signal just before a wait is noticed when the wait is over.
        if wakeDescriptor < 0, pipe(&ends) == 0 {
            for end in ends {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
            }
            wakeDescriptor = ends[0]
            notes[wakeEnd] = ends[1]
        }
        // SIGCHLD only ends waits: a program that we have started has ended. SIGWINCH comes to tools that draw nothing, too.
        for number in [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD, SIGWINCH] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { Signals.handle($0) }
            sigemptyset(&action.sa_mask)
            action.sa_flags = number == SIGCHLD ? SA_NOCLDSTOP : number == SIGWINCH ? SA_RESTART : 0
            sigaction(number, &action, nil)
        }
    }

    private static func handle(_ number: Int32) {
        let code = errno
        defer {
            var byte: UInt8 = 0
            _ = write(notes[wakeEnd], &byte, 1)
            errno = code
        }
        switch number {
        case SIGHUP: notes[reopen] = 1
        case SIGUSR1: notes[report] = 1
        case SIGCHLD: break
        case SIGWINCH: notes[resize] = 1
        default:
            if notes[stop] != 0 {
                lastAct?()
                signal(number, SIG_DFL)
                var own = sigset_t()
                sigemptyset(&own)
                sigaddset(&own, number)
                sigprocmask(SIG_UNBLOCK, &own, nil)
                raise(number)
            }
            notes[stop] = 1
        }
    }

    /// Makes `wakeDescriptor` quiet again; what came is still noted.
    public static func takeWake() {
        var bytes: (UInt64, UInt64) = (0, 0)
        while read(wakeDescriptor, &bytes, 16) > 0 {}
    }

    /// SIGINT or SIGTERM came.
    public static var isStopAsked: Bool { notes[stop] != 0 }

    /// SIGHUP came since the last call.
    public static func takeReopen() -> Bool { take(reopen) }

    /// SIGUSR1 came since the last call.
    public static func takeReport() -> Bool { take(report) }

    /// SIGWINCH came since the last call: the terminal's window has another size.
    public static func takeResize() -> Bool { take(resize) }

    private static func take(_ note: Int) -> Bool {
        guard notes[note] != 0 else { return false }
        notes[note] = 0
        return true
    }
}

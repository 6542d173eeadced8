import Glibc

/// A program of somebody else that runs beside us: we write to its standard input and read its standard output, neither ever waiting.
///
/// It has our standard error and a process group of its own, so that Ctrl-C reaches us alone and its end is ours to choose.
final class PipedProgram {
    private let id: pid_t
    /// Where it reads; -1 once it is closed.
    private(set) var input: Int32
    /// Where it speaks; -1 once it is closed.
    private(set) var output: Int32
    let startMicros: Int64
    /// Its end was not taken yet.
    private var isRunning: Bool
    /// When bytes moved last between it and us.
    var progressMicros: Int64
    /// When it was asked to end; nil if it was not.
    private(set) var endAskedMicros: Int64?
    /// What does not end when it is asked is ended so long after.
    private static let insistMicros: Int64 = 2_000_000

    /// Starts it.
    ///
    /// - Parameters:
    ///   - words: Its name, looked up in PATH unless it has a slash, and its arguments.
    ///   - environment: All of its environment.
    init(_ words: [String], environment: [String: String], nowMicros: Int64) throws(ToolFailure) {
        let toIt = try PipedProgram.pipe(ours: 1)
        let fromIt: (Int32, Int32)
        do throws(ToolFailure) {
            fromIt = try PipedProgram.pipe(ours: 0)
        } catch {
            [toIt.0, toIt.1].forEach { close($0) }
            throw error
        }
        let (started, code) = PipedProgram.spawn(words, environment, reading: toIt.0, writing: fromIt.1)
        close(toIt.0)
        close(fromIt.1)
        (id, input, output) = (started, toIt.1, fromIt.0)
        (startMicros, progressMicros) = (nowMicros, nowMicros)
        isRunning = code == 0
        guard code == 0 else {
            throw ToolFailure(.unavailable, "\(words[0]) cannot be started: \(SystemError.text(code))")
        }
    }

    deinit {
        if isRunning {
            // Else it would stay in the table of processes for as long as we do.
            end()
            var status: Int32 = 0
            while waitpid(id, &status, 0) < 0, errno == EINTR {}
        }
        if input >= 0 { close(input) }
        if output >= 0 { close(output) }
    }

    /// Tells it that nothing more comes.
    func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    /// Hears it no more.
    func closeOutput() {
        if output >= 0 { close(output) }
        output = -1
    }

    /// When it must be ended by force; nil if it was not asked to end.
    var forceMicros: Int64? { endAskedMicros.map { $0 + PipedProgram.insistMicros } }

    /// Asks it, and what it has started, to end.
    func askToEnd(_ nowMicros: Int64) {
        kill(-id, SIGTERM)
        endAskedMicros = nowMicros
    }

    /// Ends it, and what it has started, by force.
    func end() {
        if isRunning { kill(-id, SIGKILL) }
    }

    /// The status of wait(2) if it has ended, which is told once; nil if it runs on.
    func takeEnd() -> Int32? {
        var status: Int32 = 0
        guard isRunning, waitpid(id, &status, WNOHANG) == id else { return nil }
        // What it has started may go on where it was asked to end.
        if endAskedMicros != nil { kill(-id, SIGKILL) }
        isRunning = false
        return status
    }

    /// `ended with status 3`, or by which signal.
    static func text(ofEnd status: Int32) -> String {
        let signal = status & 0x7F
        return signal == 0 ? "ended with status \(status >> 8 & 0xFF)" : "was ended by signal \(signal)"
    }

    /// A pipe of which one end is ours: it never waits, and no other program gets it.
    private static func pipe(ours: Int) throws(ToolFailure) -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else {
            throw ToolFailure(.ioError, "no descriptor is left for a pipe: \(SystemError.text()); raise ulimit -n")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[ours], F_SETFL, O_NONBLOCK)
        Descriptor.widenPipe(ends[0])
        return (ends[0], ends[1])
    }

    private static func spawn(
        _ words: [String], _ environment: [String: String], reading: Int32, writing: Int32
    ) -> (id: pid_t, code: Int32) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, reading, 0)
        posix_spawn_file_actions_adddup2(&actions, writing, 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // We ignore SIGPIPE; a program that does not expect that would write on for ever.
        var (none, usual) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigemptyset(&usual)
        sigaddset(&usual, SIGPIPE)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var arguments = words.map { strdup($0) } + [nil]
        var variables = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var id: pid_t = 0
        let code = posix_spawnp(&id, words[0], &actions, &attributes, &arguments, &variables)
        return (id, code)
    }
}

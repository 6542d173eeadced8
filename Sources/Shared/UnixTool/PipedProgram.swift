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
        let (started, code) = ProgramStart.start(words, environment, reading: toIt.0, writing: fromIt.1)
        close(toIt.0)
        close(fromIt.1)
        (id, input, output) = (started, toIt.1, fromIt.0)
        (startMicros, progressMicros) = (nowMicros, nowMicros)
        isRunning = code == 0
        guard code == 0 else {
            // What is no program, or lacks its interpreter, is none next time either.
            let isWrong = [ENOENT, ENOEXEC, EACCES, ENOTDIR].contains(code)
            let told = "\(words[0]) cannot be started: \(SystemError.text(code)); look at the file and its #! line"
            throw ToolFailure(isWrong ? .configuration : .unavailable, told)
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
        // What it has started and left behind would be one more at each start.
        kill(-id, endAskedMicros == nil ? SIGTERM : SIGKILL)
        isRunning = false
        return status
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
}

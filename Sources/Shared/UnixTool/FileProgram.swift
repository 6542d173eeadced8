import Glibc

/// A program of somebody else that works on a file beside us: nothing is written to it, and at most its output is read.
public final class FileProgram {
    private let id: pid_t
    private var isRunning: Bool

    /// Starts it, in a process group of its own.
    ///
    /// - Parameters:
    ///   - words: Its name, looked up in PATH unless it has a slash, and its arguments; no shell reads them.
    ///   - input: What becomes its standard input; nil for nothing to read.
    ///   - output: What becomes its standard output; nil for nowhere.
    ///   - keeping: A descriptor that it holds for as long as it runs, and a lock with it, even when we are gone; nil for none.
    public init(_ words: [String], input: Int32? = nil, output: Int32? = nil, keeping: Int32? = nil) throws(ToolFailure) {
        let environment = ProgramWords.environment(EnvironmentFile.process())
        let (id, code) = ProgramStart.start(words, environment, reading: input, writing: output, keeping: keeping)
        self.id = id
        isRunning = code == 0
        guard isRunning else {
            throw ToolFailure(.unavailable, "\(words[0]) cannot be started: \(SystemError.text(code))")
        }
    }

    deinit {
        // Else it would stay in the table of processes for as long as we do.
        if isRunning { end() }
    }

    /// Its status of wait(2), told once; nil while it runs.
    public func takeEnd() -> Int32? { takeEnd(options: WNOHANG) }

    /// Waits for its end; nil if that was told already.
    public func waitForEnd() -> Int32? { takeEnd(options: 0) }

    /// Ends it, and what it has started, by force.
    public func end() {
        kill(-id, SIGKILL)
        _ = waitForEnd()
    }

    /// What ended it, in words; nil if all went well.
    public static func fault(ofEnd status: Int32) -> String? { status == 0 ? nil : ProgramStart.text(ofEnd: status) }

    private func takeEnd(options: Int32) -> Int32? {
        guard isRunning else { return nil }
        var status: Int32 = 0
        var ended = waitpid(id, &status, options)
        while ended < 0, errno == EINTR { ended = waitpid(id, &status, options) }
        guard ended == id else { return nil }
        isRunning = false
        return status
    }
}

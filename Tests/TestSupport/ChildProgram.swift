public import Glibc

/// A program that a test has started, ended by its id with the test at the latest.
public final class ChildProgram {
    public let process: pid_t
    private var input: Int32
    private var isEnded = false

    /// Starts a program in `folder`; what it says goes to the file `log` there, and `send` is what it reads.
    public init(_ words: [String], in folder: TemporaryFolder, log: String) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw TestFault("no pipe") }
        ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        do {
            process = try ChildProcess.start(words, in: folder, log: log, input: ends[0])
        } catch {
            close(ends[1])
            throw error
        }
        input = ends[1]
    }

    deinit {
        end()
        if input >= 0 { close(input) }
    }

    /// Lets it read bytes.
    public func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Gives it no more to read, waits for its own end and gives the status of waitpid(2).
    public func wait() -> Int32 {
        close(input)
        input = -1
        var status: Int32 = 0
        waitpid(process, &status, 0)
        isEnded = true
        return status
    }

    /// Kills it, once.
    public func end() {
        guard !isEnded else { return }
        isEnded = true
        kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
    }
}

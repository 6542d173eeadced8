import Glibc
import TestSupport
import Testing

/// Debian's `openssl s_server` on a free port of 127.0.0.1, ended by its id with the test.
final class TestServer {
    let port: UInt16
    private let process: pid_t
    private let input: Int32
    private let folder: TemporaryFolder
    private var isEnded = false

    /// Serves `server.pem` of `folder`; the kernel chooses the port, which the server tells.
    init(in folder: TemporaryFolder, _ arguments: [String] = []) throws {
        self.folder = folder
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
        let always = ["s_server", "-accept", "127.0.0.1:0", "-cert", "server.pem", "-key", "server.key"]
        process = try OpenSSLCommand.start(always + arguments, in: folder, log: "server.log", input: ends[0])
        close(ends[0])
        input = ends[1]
        let lead = "ACCEPT 127.0.0.1:"
        var found: UInt16?
        try Deadline.wait(for: "the server's port") {
            let lines = (folder.text("server.log") ?? "").split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            found = lines.first { $0.hasPrefix(lead) }.flatMap { UInt16($0.dropFirst(lead.count)) }
            return found != nil
        }
        port = try #require(found)
    }

    deinit {
        end()
        close(input)
    }

    /// What the server has said and got.
    var log: String { folder.text("server.log") ?? "" }

    /// Lets the server send bytes; no line may begin with a letter of those that s_server takes as orders.
    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Kills the server: the kernel closes its socket, and nobody says close_notify.
    func end() {
        guard !isEnded else { return }
        isEnded = true
        kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
    }
}

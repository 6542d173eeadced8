import TestSupport
import Testing

/// Debian's `openssl s_server` on a free port of 127.0.0.1, ended by its id with the test.
final class TestServer {
    let port: UInt16
    private let program: ChildProgram
    private let folder: TemporaryFolder

    /// Serves `server.pem` of `folder`; the kernel chooses the port, which the server tells.
    init(in folder: TemporaryFolder, _ arguments: [String] = []) throws {
        self.folder = folder
        let always = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", "server.pem", "-key", "server.key"]
        program = try ChildProgram(always + arguments, in: folder, log: "server.log")
        let lead = "ACCEPT 127.0.0.1:"
        var found: UInt16?
        try Deadline.wait(for: "the server's port") {
            let lines = (folder.text("server.log") ?? "").split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            found = lines.first { $0.hasPrefix(lead) }.flatMap { UInt16($0.dropFirst(lead.count)) }
            return found != nil
        }
        port = try #require(found)
    }

    /// What the server has said and got.
    var log: String { folder.text("server.log") ?? "" }

    /// Lets the server send bytes; no line may begin with a letter of those that s_server takes as orders.
    func send(_ bytes: [UInt8]) { program.send(bytes) }

    /// Kills the server: the kernel closes its socket, and nobody says close_notify.
    func end() { program.end() }
}

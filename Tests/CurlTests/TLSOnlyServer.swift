import TestSupport
import Testing

/// Debian's `openssl s_server`, for what Python's TLS is too careful to offer.
final class TLSOnlyServer {
    let origin: String
    private let program: ChildProgram

    /// Serves `server.pem` of `folder`.
    init(in folder: TemporaryFolder, _ arguments: [String]) throws {
        let always = ["openssl", "s_server", "-www", "-accept", "127.0.0.1:0", "-cert", "server.pem", "-key", "server.key"]
        program = try ChildProgram(always + arguments, in: folder, log: "tls.log")
        let lead = "ACCEPT 127.0.0.1:"
        var port: UInt16?
        try Deadline.wait(for: "the server's port") {
            let lines = (folder.text("tls.log") ?? "").split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            port = lines.first { $0.hasPrefix(lead) }.flatMap { UInt16($0.dropFirst(lead.count)) }
            return port != nil
        }
        origin = "https://localhost:\(try #require(port))"
    }
}

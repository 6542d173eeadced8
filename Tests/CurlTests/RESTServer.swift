import TestSupport
import Testing

/// Python's own HTTP server (Tests/Servers/rest_server.py) on a free port of 127.0.0.1, ended with the test.
final class RESTServer {
    let port: Int
    /// Without a slash at the end.
    let origin: String
    private let program: ChildProgram

    /// - Parameter tls: whether it serves `server.pem` of `folder`.
    init(in folder: TemporaryFolder, tls: Bool = false) throws {
        let script = "\(#filePath.dropLast("CurlTests/RESTServer.swift".count))Servers/rest_server.py"
        let log = "server-\(UInt32.random(in: 0...UInt32.max)).log"
        program = try ChildProgram(["/usr/bin/python3", script] + (tls ? [folder.path] : []), in: folder, log: log)
        var found: Int?
        try Deadline.wait(for: "the server's port") {
            guard let said = folder.text(log), said.hasSuffix("\n") else { return false }
            found = Int(said.dropLast())
            if found == nil { throw TestFault(said) }
            return true
        }
        port = try #require(found)
        origin = tls ? "https://localhost:\(port)" : "http://127.0.0.1:\(port)"
    }

    /// Kills it; its port refuses from now on.
    func end() { program.end() }
}

import TestSupport
import Testing

/// A server of Tests/Servers on a free port of 127.0.0.1, ended with the test; it says its port first.
final class RESTServer {
    let port: Int
    /// Without a slash at the end.
    let origin: String
    private let program: ChildProgram

    /// For whoever counts nothing.
    nonisolated(unsafe) static let shared: RESTServer = {
        do { return try RESTServer(in: TemporaryFolder()) } catch { fatalError("\(error)") }
    }()

    /// Python's own HTTP server; `isTLS`: with `server.pem` of the folder.
    convenience init(in folder: TemporaryFolder, isTLS: Bool = false) throws {
        try self.init("rest_server.py", isTLS ? [folder.path] : [], in: folder, isTLS: isTLS)
    }

    init(_ script: String, _ arguments: [String], in folder: TemporaryFolder, isTLS: Bool = false) throws {
        let path = "\(#filePath.dropLast("CurlTests/RESTServer.swift".count))Servers/\(script)"
        let log = "server-\(UInt32.random(in: 0...UInt32.max)).log"
        program = try ChildProgram(["/usr/bin/python3", path] + arguments, in: folder, log: log)
        var found: Int?
        try Deadline.wait(for: "the server's port") {
            guard let said = folder.text(log), said.hasSuffix("\n") else { return false }
            found = Int(said.dropLast())
            if found == nil { throw TestFault(said) }
            return true
        }
        port = try #require(found)
        origin = isTLS ? "https://localhost:\(port)" : "http://127.0.0.1:\(port)"
    }

    /// Kills it; its port refuses from now on.
    func end() { program.end() }
}

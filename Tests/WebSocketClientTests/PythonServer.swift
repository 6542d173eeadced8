import Glibc
import TestSupport

/// A program of the folder Servers, listening on a port of loopback that it tells; ended by its id with the test.
final class PythonServer {
    private(set) var port: Int = 0
    private let process: pid_t
    private let folder: TemporaryFolder
    private let logName = "server-\(UInt32.random(in: 0...UInt32.max)).log"

    init(_ script: String, _ arguments: [String] = [], in folder: TemporaryFolder = TemporaryFolder()) throws {
        self.folder = folder
        let here = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        process = try ChildProcess.start(
            ["/usr/bin/python3", "-u", "-B", "/\(here)/Servers/\(script).py"] + arguments, in: folder, log: logName)
        try Deadline.wait(for: "the port of \(script).py") {
            let told = lines.first { $0.hasPrefix("PORT ") }
            if let told, let port = Int(told.dropFirst(5)) { self.port = port }
            return port != 0
        }
    }

    deinit {
        kill(process, SIGKILL)
        ChildProcess.end(of: process)
    }

    /// What it has said, without a line that is not complete.
    var lines: [Substring] { (folder.text(logName) ?? "").split(separator: "\n", omittingEmptySubsequences: false).dropLast() }
}

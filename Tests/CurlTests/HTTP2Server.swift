import Glibc
import TestSupport
import Testing

/// Debian's `nghttpd`, which speaks HTTP/2 over TLS and serves the files of a folder.
final class HTTP2Server {
    let origin: String
    private let folder: TemporaryFolder
    private let program: ChildProgram

    /// Serves with `server.pem` of `folder`.
    init(in folder: TemporaryFolder) throws {
        self.folder = folder
        let port = try HTTP2Server.freePort()
        origin = "https://localhost:\(port)"
        let arguments = ["-v", "-a", "127.0.0.1", "-d", folder.path, String(port), "server.key", "server.pem"]
        program = try ChildProgram(["nghttpd"] + arguments, in: folder, log: "h2.log")
        try Deadline.wait(for: "nghttpd") { folder.text("h2.log")?.contains("listen 127.0.0.1:\(port)") == true }
    }

    /// How many connections it has had; it gives each a number in its log.
    var connectionCount: Int {
        let lines = (folder.text("h2.log") ?? "").split(separator: "\n")
        return Set(lines.filter { $0.hasPrefix("[id=") }.compactMap { $0.split(separator: "]").first }).count
    }

    /// One that nobody had a moment ago: nghttpd does not tell which it got.
    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else { throw TestFault("no free port") }
        return UInt16(bigEndian: address.sin_port)
    }
}

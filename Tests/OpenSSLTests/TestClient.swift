import Glibc
import OpenSSL
import TestSupport
import Testing

/// The door under test over a real socket, driven by poll as a session drives it.
final class TestClient {
    let connection: TLSConnection
    let descriptor: Int32
    /// Kept alive as long as its client.
    let server: TestServer

    init(_ server: TestServer, hostName: String = "localhost", caFile: String? = nil) throws {
        self.server = server
        descriptor = try TestClient.connect(server.port)
        do {
            connection = try TLSConnection(TLSContext(caFile: caFile), descriptor: descriptor, hostName: hostName)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    private static func connect(_ port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            Glibc.connect(
                descriptor, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self), socklen_t(MemoryLayout<sockaddr_in>.size))
        }
        try #require(status == 0, "nobody listens on \(port)")
        try #require(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)
        return descriptor
    }

    func poll(_ events: Int32) throws {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        try #require(Glibc.poll(&entry, 1, Int32(Deadline.millis)) == 1, "the server is silent")
    }

    func handshake() throws {
        while true {
            switch try connection.handshake() {
            case .done: return
            case .read: try poll(POLLIN)
            case .write: try poll(POLLOUT)
            }
        }
    }

    /// Reads until `count` bytes have come or the peer closes, by `chunk` bytes at a time; nil if it has closed with less.
    func read(_ count: Int, chunk: Int = 4096) throws -> [UInt8]? {
        var bytes: [UInt8] = []
        var room = [UInt8](repeating: 0, count: chunk)
        while bytes.count < count {
            switch try room.withUnsafeMutableBytes({ try connection.read(into: $0) }) {
            case .bytes(let got): bytes += room[..<got]
            case .wantsRead: try poll(POLLIN)
            case .wantsWrite: try poll(POLLOUT)
            case .closed: return nil
            }
        }
        return bytes
    }

    func write(_ bytes: [UInt8]) throws {
        var rest = bytes
        while !rest.isEmpty {
            switch try rest.withUnsafeBytes({ try connection.write($0) }) {
            // A fresh array each time: the address may move between two tries.
            case .bytes(let taken): rest = Array(rest.dropFirst(taken))
            case .wantsRead: try poll(POLLIN)
            case .wantsWrite: try poll(POLLOUT)
            }
        }
    }
}

import Glibc
import OpenSSL
import TestSupport
import Testing

/// What flows once the certificate is good.
@Suite struct TLSConnectionTests {
    private let folder = TemporaryFolder()
    private let authority: TestAuthority

    init() throws {
        authority = try TestAuthority(in: folder)
        try authority.issue()
    }

    private func open(_ arguments: [String] = []) throws -> (TestServer, TestClient) {
        let server = try TestServer(in: folder, arguments)
        let client = try TestClient(server, caFile: folder.file("ca.pem"))
        try client.handshake()
        return (server, client)
    }

    private static let text = Array(String(repeating: "0123456789abcdef\n", count: 3000).utf8)

    @Test(arguments: ["-tls1_2", "-tls1_3"], [1, 7, 4096, 1 << 17])
    func bytes_areTheSame_howeverManyAtATime(_ version: String, _ chunk: Int) throws {
        let (server, client) = try open([version])
        // The pipe to the server holds 64 KiB, the text is shorter.
        server.send(Self.text)
        #expect(try client.read(Self.text.count, chunk: chunk) == Self.text)
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func writtenBytes_arrive(_ version: String) throws {
        let (server, client) = try open([version])
        try client.write([])
        try client.write(Self.text + Array("the end\n".utf8))
        try Deadline.wait(for: "the bytes at the server") { server.log.contains("the end\n") }
        #expect(server.log.contains(String(decoding: Self.text, as: UTF8.self)))
    }

    @Test func serverName_isSent() throws {
        let (server, client) = try open(["-servername", "localhost", "-cert2", "server.pem", "-key2", "server.key"])
        try client.write([0x0A])
        try Deadline.wait(for: "the name at the server") { server.log.contains("Hostname in TLS extension: \"localhost\"") }
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func closeNotify_isAnEnd_afterTheLastBytes(_ version: String) throws {
        let (_, client) = try open([version, "-rev"])
        try client.write(Array("tsal\nCLOSE\n".utf8))
        #expect(try client.read(5) == Array("last\n".utf8))
        #expect(try client.read(1) == nil)
        #expect(try client.read(1) == nil)
        #expect(try client.connection.shutdown() == .done)
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func endWithoutCloseNotify_isTruncation(_ version: String) throws {
        let (server, client) = try open([version])
        server.send(Array("cut\n".utf8))
        #expect(try client.read(4) == Array("cut\n".utf8))
        server.end()
        #expect(throws: TLSError.truncated(host: "localhost")) { try client.read(1) }
        #expect(throws: TLSError.truncated(host: "localhost")) { try client.read(1) }
        #expect(TLSError.truncated(host: "localhost").description.contains("truncated"))
        #expect(try client.connection.shutdown() == .done)
    }

    @Test func shutdown_tellsTheServer() throws {
        let (server, client) = try open()
        #expect(try client.connection.shutdown() == .done)
        #expect(try client.connection.shutdown() == .done)
        // The server ends the connection of itself then, and says so.
        try Deadline.wait(for: "the end at the server") { server.log.contains("CONNECTION CLOSED") || server.log.contains("DONE") }
    }

    @Test func silence_wantsRead() throws {
        let (_, client) = try open(["-tls1_2"])
        var room: [UInt8] = [0]
        #expect(try room.withUnsafeMutableBytes { try client.connection.read(into: $0) } == .wantsRead)
    }

    /// What a handshake says to a peer that answers with `bytes`, whatever it was asked.
    private func handshake(answered bytes: [UInt8]) throws -> TLSError? {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        defer { ends.forEach { close($0) } }
        try #require(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
        let connection = try TLSConnection(TLSContext(), descriptor: ends[0], hostName: "localhost")
        #expect(try connection.handshake() == .read)
        #expect(try connection.handshake() == .read)
        #expect(write(ends[1], bytes, bytes.count) == bytes.count)
        do {
            let wants = try connection.handshake()
            #expect(Bool(false), "\(wants)")
            return nil
        } catch {
            return error
        }
    }

    @Test func serverWithoutTLS_isToldApart() throws {
        #expect(try handshake(answered: Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)) == .notTLS(host: "localhost"))
    }

    @Test func closeNotifyInsteadOfACertificate_isNoHandshake() throws {
        // An alert record of TLS 1.2: warning, close_notify (RFC 5246 section 7.2).
        let error = try handshake(answered: [0x15, 3, 3, 0, 2, 1, 0])
        #expect(error == .socket(host: "localhost", reason: "closed by the peer during the handshake"))
    }

    @Test func missingClientCertificate_showsAtTheFirstRead_inOpenSSLsWords() throws {
        let (_, client) = try open(["-tls1_3", "-Verify", "1"])
        #expect { try client.read(1) } throws: { error in
            guard case TLSError.refused("localhost", let reason) = error else { return false }
            return reason.contains("certificate required")
        }
    }

    @Test func peerThatIsGone_raisesNoSignal() async {
        // In a process of its own, with SIGPIPE as the system sets it.
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_DFL)
            var ends: [Int32] = [0, 0]
            guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { exit(3) }
            close(ends[1])
            let connection = try TLSConnection(TLSContext(), descriptor: ends[0], hostName: "localhost")
            do {
                _ = try connection.handshake()
                exit(4)
            } catch TLSError.socket(_, let reason) {
                exit(reason == "Broken pipe" ? 0 : 5)
            }
        }
    }

    @Test func fullSocket_wantsWrite_andGoesOn() throws {
        let (server, client) = try open(["-rev"])
        var small: Int32 = 4096
        setsockopt(client.descriptor, SOL_SOCKET, SO_SNDBUF, &small, socklen_t(MemoryLayout<Int32>.size))
        // The server mirrors each line; nobody reads its answers, so both ways fill up.
        let line = Array((String(repeating: "x", count: 99) + "\n").utf8)
        let bytes = [UInt8]((0..<1000).map { _ in line }.joined())
        var taken = 0
        var isFull = false
        while !isFull {
            switch try bytes[(taken % 100)...].withUnsafeBytes({ try client.connection.write($0) }) {
            case .bytes(let count): taken += count
            case .wantsWrite: isFull = true
            case .wantsRead: try client.poll(POLLIN)
            }
        }
        // Nothing can be said in the middle of a record.
        #expect(try client.connection.shutdown() == .done)
        // What was not taken is offered again, from another address.
        let rest = Array(bytes[(taken % 100)...])
        var answer: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 4096)
        var isTaken = false
        while !isTaken {
            if case .bytes(let count) = try room.withUnsafeMutableBytes({ try client.connection.read(into: $0) }) {
                answer += room[..<count]
            }
            if case .bytes = try rest.withUnsafeBytes({ try client.connection.write($0) }) { isTaken = true }
            try client.poll(POLLIN | POLLOUT)
        }
        #expect(answer.prefix(100).elementsEqual(line))
        server.end()
    }
}

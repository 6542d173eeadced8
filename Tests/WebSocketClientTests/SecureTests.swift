import OpenSSL
import TestSupport
import Testing
import WebSocket

@testable import WebSocketClient

/// TLS under the WebSocket; every fault of certificates is tested at the door itself (OpenSSLTests).
@Suite struct SecureTests {
    private let folder = TemporaryFolder()
    private let authority: TestAuthority

    init() throws {
        authority = try TestAuthority(in: folder)
        try authority.issue()
    }

    private func end(_ words: [String], host: String = "localhost", isTrusted: Bool = true) throws -> (WebSocketEnd, Session) {
        let server = try PythonServer("raw", ["--tls", "server.pem", "server.key"] + words, in: folder)
        let session = try Session("wss://\(host):\(server.port)/", caFile: isTrusted ? folder.file("ca.pem") : nil)
        defer { withExtendedLifetime(server) {} }
        return (try session.runToEnd(), session)
    }

    @Test func dribbledBytes_areMessages() throws {
        let (end, session) = try end(["dribble"])
        #expect(end == .closed(code: 4001, reason: "ta ?[31m"))
        #expect(session.texts == ["one", "two halves €"])
    }

    @Test func endWithoutCloseNotify_isBroken_behindWhatCame() throws {
        let (end, session) = try end(["end-after", "cut", "810568656c6c6f"])
        #expect(
            end == .broken("the connection broke without a close frame: \(TLSError.truncated(host: "localhost"))"))
        #expect(session.texts == ["hello"])
    }

    @Test func endWithCloseNotify_isBroken_behindWhatCame() throws {
        let (end, session) = try end(["end-after", "fin", "810568656c6c6f"])
        #expect(end == .broken("the server ended the connection without a close frame"))
        #expect(session.texts == ["hello"])
    }

    @Test func unknownAuthority_isRefused() throws {
        guard case (.tls(.unknownAuthority(let host, _)), _) = try end(["stay"], isTrusted: false) else {
            Issue.record("accepted")
            return
        }
        #expect(host == "localhost")
    }

    @Test func wrongName_isRefused() throws {
        try authority.issue(names: "DNS:elsewhere.example")
        let (end, session) = try end(["stay"])
        #expect(end == .tls(.nameMismatch(host: "localhost", names: ["elsewhere.example"])))
        #expect(session.said.count == 1)
    }

    @Test func expiredCertificate_isRefused() throws {
        try authority.issue(to: "20210101000000Z")
        guard case (.tls(.expired), _) = try end(["stay"]) else {
            Issue.record("accepted")
            return
        }
    }

    @Test func addressInTheCertificate_isEnough() throws {
        let (end, _) = try end(["together"], host: "127.0.0.1")
        #expect(end == .closed(code: 1000, reason: ""))
    }

    @Test func serverWithoutTLS_isToldApart() throws {
        let server = try PythonServer("raw", ["greet-first", #"220 mail.example ESMTP\r\n"#])
        let session = try Session("wss://localhost:\(server.port)/")
        #expect(try session.runToEnd() == .tls(.notTLS(host: "localhost")))
    }
}

import TestSupport
import Testing

@testable import WebSocketClient

/// Through a proxy, by CONNECT.
@Suite struct TunnelTests {
    private static func proxy(_ server: PythonServer, credentials: String = "") throws -> HTTPProxy? {
        try HTTPProxy.find(
            for: WebSocketAddress("ws://venue.example"), environment: ["http_proxy": "http://\(credentials)127.0.0.1:\(server.port)"])
    }

    private static func end(proxy words: [String], credentials: String = "", limits: WebSocketLimits = Session.patient) throws -> (
        String, PythonServer
    ) {
        let server = try PythonServer("proxy", words)
        let session = try Session("ws://venue.example:9001/", proxy: proxy(server, credentials: credentials), limits: limits)
        guard case .proxy(let text) = try session.runToEnd() else { throw TestFault("\(session.said)") }
        #expect(session.said.count == 1)
        return (text, server)
    }

    @Test(arguments: [false, true])
    func messagesThroughATunnel_comeBack(_ isSecure: Bool) throws {
        let folder = TemporaryFolder()
        if isSecure { try TestAuthority(in: folder).issue() }
        let server = try PythonServer("library", isSecure ? ["server.pem", "server.key"] : [], in: folder)
        let tunnel = try PythonServer("proxy")
        let session = try Session(
            "\(isSecure ? "wss" : "ws")://localhost:\(server.port)/echo", caFile: isSecure ? folder.file("ca.pem") : nil,
            proxy: Self.proxy(tunnel)
        ) { host, _ in
            .failed(reason: "the client asked for \(host), which the proxy shall do", isTemporary: false)
        }
        try session.open()
        session.client.send(text: "through")
        try session.run(until: "the echo") { $0.texts == ["through"] }
        session.client.close(code: 1000)
        #expect(try session.runToEnd() == .closed(code: 1000, reason: ""))
        #expect(tunnel.lines.contains("REQUEST CONNECT localhost:\(server.port) HTTP/1.1 HOST localhost:\(server.port)"))
    }

    @Test func credentials_openTheTunnel() throws {
        let server = try PythonServer("library")
        let tunnel = try PythonServer("proxy", ["auth", "me:p@ss"])
        let session = try Session("ws://127.0.0.1:\(server.port)/greet", proxy: Self.proxy(tunnel, credentials: "me:p%40ss@"))
        try session.open()
    }

    @Test(arguments: ["", "me:wrong@"])
    func wrongCredentials_areRefused_andNotShown(_ credentials: String) throws {
        let (text, server) = try Self.end(proxy: ["auth", "me:p@ss"], credentials: credentials)
        #expect(
            text
                == "the proxy 127.0.0.1:\(server.port) refused a tunnel to venue.example:9001 with HTTP 407 Proxy Authentication Required, "
                + "it wants a name and a password, or others")
    }

    @Test(arguments: [
        (#"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"#, "refused a tunnel to venue.example:9001 with HTTP 403 Forbidden"),
        (#"HTTP/1.1 502 Bad\xff Gateway\r\n\r\n"#, "refused a tunnel to venue.example:9001 with HTTP 502 Bad? Gateway"),
        (#"HTTP/1.1 101 Switching\r\n\r\n"#, "made no tunnel to venue.example:9001: the response does not upgrade to websocket"),
        (#"junk\r\n\r\n"#, "made no tunnel to venue.example:9001: the response is not HTTP/1.1"),
        (#"HTTP/1.1 200 OK\r\n\r\nmore"#, "sent bytes of its own into the tunnel to venue.example:9001"),
        (#"HTTP/1.1 20"#, "ended the connection before it made a tunnel"),
    ])
    func otherAnswers_areNoTunnel(_ answer: String, _ what: String) throws {
        let (text, server) = try Self.end(proxy: ["answer", answer])
        #expect(text == "the proxy 127.0.0.1:\(server.port) \(what)")
    }

    @Test func silentProxy_isNotWaitedFor() throws {
        var limits = Session.patient
        limits.openMicrosMax = 300_000
        let (text, server) = try Self.end(proxy: ["mute"], limits: limits)
        #expect(text == "the proxy 127.0.0.1:\(server.port) did not answer within 300 ms")
    }

    @Test func absentProxy_isTold() throws {
        let proxy = try HTTPProxy.find(
            for: WebSocketAddress("wss://venue.example"), environment: ["HTTPS_PROXY": "127.0.0.1:\(ClosedPort.number)"])
        let session = try Session("wss://venue.example/", proxy: proxy)
        #expect(try session.runToEnd() == .proxy("the proxy 127.0.0.1:\(ClosedPort.number) cannot be reached: connection refused"))
    }

    @Test func unknownProxy_isTold() throws {
        let proxy = try HTTPProxy.find(
            for: WebSocketAddress("wss://venue.example"), environment: ["HTTPS_PROXY": "me:secret@proxy.example:1"])
        let session = try Session("wss://venue.example/", proxy: proxy) { host, port in
            .failed(reason: "\(host):\(port) is unknown", isTemporary: false)
        }
        #expect(
            try session.runToEnd() == .proxy("the name of the proxy proxy.example:1 cannot be resolved: proxy.example:1 is unknown"))
    }
}

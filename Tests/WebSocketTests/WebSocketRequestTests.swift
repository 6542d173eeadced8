import JSON
import Testing
import WebSocket

@Suite struct WebSocketRequestTests {
    private func text(_ request: WebSocketRequest, random: [UInt8] = Responses.nonce) -> String {
        var output = ByteBuffer()
        WebSocketHandshake(random: random).appendRequest(request, to: &output)
        return String(decoding: output.bytes, as: UTF8.self)
    }

    private func fault(
        host: String = "a", port: Int = 443, path: String = "/", headers: [(name: String, value: String)] = []
    ) -> WebSocketRequest.Fault? {
        do throws(WebSocketRequest.Fault) {
            _ = try WebSocketRequest(host: host, port: port, path: path, headers: headers)
            return nil
        } catch {
            return error
        }
    }

    /// The key is the one of RFC 6455 §1.3.
    @Test func request_hasTheLinesOfTheRFC_andTheVenuesOwnBehindThem() throws {
        let request = try WebSocketRequest(
            host: "ws.example.com", port: 443, path: "/ws/market?x=1", headers: [("Origin", "https://example.com"), ("X-Key", "a b")])
        #expect(
            text(request) == """
                GET /ws/market?x=1 HTTP/1.1\r
                Host: ws.example.com\r
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                Sec-WebSocket-Version: 13\r
                Origin: https://example.com\r
                X-Key: a b\r
                \r

                """)
    }

    @Test func host_carriesItsPort_unlessTheSchemeSaysIt() throws {
        let cases: [(Int, Bool, String)] = [
            (443, true, "h"), (80, false, "h"), (80, true, "h:80"), (443, false, "h:443"), (9001, false, "h:9001"),
        ]
        for (port, isSecure, host) in cases {
            #expect(text(try WebSocketRequest(host: "h", port: port, isSecure: isSecure)).contains("\r\nHost: \(host)\r\n"))
        }
        #expect(text(try WebSocketRequest(host: "[::1]", port: 9001)).contains("\r\nHost: [::1]:9001\r\n"))
    }

    /// RFC 4648 §10 in its alphabet's corners.
    @Test func keys_areBase64() throws {
        let request = try WebSocketRequest(host: "h", port: 443)
        #expect(text(request, random: Array(repeating: 0xFF, count: 16)).contains("Key: /////////////////////w==\r\n"))
        #expect(text(request, random: Array(repeating: 0xFB, count: 16)).contains("Key: +/v7+/v7+/v7+/v7+/v7+w==\r\n"))
        #expect(text(request, random: Array(0..<16)).contains("Key: AAECAwQFBgcICQoLDA0ODw==\r\n"))
    }

    @Test func headerInjection_isRefused() {
        for mark in ["\r", "\n", "\r\nX: y", "\0", "\u{7F}", "\u{E9}"] {
            #expect(fault(host: "a\(mark)") == .host)
            #expect(fault(path: "/\(mark)") == .path)
            #expect(fault(headers: [("X\(mark)", "a")]) == .headerName("X\(mark)"))
            #expect(fault(headers: [("X", "a\(mark)b")]) == .headerValue("X"))
        }
        #expect(fault(headers: [("X", "a\tb c")]) == nil)
    }

    @Test func partsThatMeanSomethingElse_areRefused() {
        for host in ["", "a/b", "user@a", "a b", "a?", "a#"] { #expect(fault(host: host) == .host) }
        for path in ["", "ws", "/a b", "/a#b", "http://a/"] { #expect(fault(path: path) == .path) }
        for port in [0, -1, 65536] { #expect(fault(port: port) == .port) }
        for name in ["", "a b", "a:", "Host", "UPGRADE", "connection", "Sec-WebSocket-Key", "sec-websocket-extensions", "Content-Length"] {
            #expect(fault(headers: [(name, "v")]) == .headerName(name))
        }
    }

    @Test func faults_haveOneLineEach_andTellNoSecret() {
        let faults: [WebSocketRequest.Fault] = [.host, .port, .path, .headerName("a\r\nb"), .headerValue("X-Key")]
        #expect(Set(faults.map(\.description)).count == faults.count)
        #expect(faults.allSatisfy { !$0.description.contains(where: \.isNewline) })
    }
}

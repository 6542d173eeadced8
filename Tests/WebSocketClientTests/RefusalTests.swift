import TestSupport
import Testing
import WebSocket

@testable import WebSocketClient

/// Servers that answer with something other than a WebSocket.
@Suite struct RefusalTests {
    private static func session(answer: String, stay: Bool = false, limits: WebSocketLimits = Session.patient) throws -> (
        PythonServer, Session
    ) {
        let server = try PythonServer("raw", ["answer", answer] + (stay ? ["stay"] : []))
        return (server, try Session("ws://127.0.0.1:\(server.port)/", limits: limits))
    }

    private static func refusal(_ answer: String, stay: Bool = false) throws -> (WebSocketRefusal, String, WebSocketClient) {
        let (server, session) = try session(answer: answer, stay: stay)
        defer { withExtendedLifetime(server) {} }
        guard case .refused(let refusal, let body) = try session.runToEnd() else {
            throw TestFault("\(session.said)")
        }
        return (refusal, body, session.client)
    }

    @Test(
        arguments: [
            (
                401, #"HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nkey?"#, "key?",
                "the server refused the upgrade with HTTP 401 Unauthorized: key?"
            ),
            (403, #"HTTP/1.1 403\r\nContent-Length: 0\r\n\r\n"#, "", "the server refused the upgrade with HTTP 403"),
            (
                404, #"HTTP/1.1 404 Not Found\r\n\r\nnothing\r\nhere\x1b[2J"#, "nothing here?[2J",
                "the server refused the upgrade with HTTP 404 Not Found: nothing here?[2J"
            ),
            (
                429, #"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n"#, "",
                "the server refused the upgrade with HTTP 429 Too Many Requests, retry after 30 s"
            ),
            (
                429, #"HTTP/1.1 429 Too Many Requests\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n"#, "",
                "the server refused the upgrade with HTTP 429 Too Many Requests, retry after 1994-11-06 08:49:37 UTC"
            ),
            (
                500, #"HTTP/1.1 500 Oh\x07\r\nContent-Type: text/html\r\nContent-Length: 23\r\n\r\n<html><h1>Oh</h1></html"#, "", nil
            ),
            (
                500, #"HTTP/1.1 500 Oh\r\nContent-Type: text/html\r\nContent-Length: 24\r\n\r\n<html>\n<h1>Oh</h1></html"#,
                "<html> <h1>Oh</h1></html",
                "the server refused the upgrade with HTTP 500 Oh: <html> <h1>Oh</h1></html"
            ),
            (
                503, #"HTTP/1.1 503 Later\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbusy \r\n3\r\nnow\r\n0\r\n\r\n"#, "busy now",
                "the server refused the upgrade with HTTP 503 Later: busy now"
            ),
            (
                302, #"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n"#, "",
                "the server refused the upgrade with HTTP 302 Found, to https://elsewhere.example/"
            ),
        ] as [(Int, String, String, String?)])
    func refusal_isTold_inOneLine(_ status: Int, _ answer: String, _ body: String, _ description: String?) throws {
        guard let description else {
            // A control character in the phrase is no HTTP.
            let (server, session) = try Self.session(answer: answer)
            #expect(try session.runToEnd() == .handshake(.statusLine))
            withExtendedLifetime(server) {}
            return
        }
        // The server keeps the connection where the body's length is known.
        let (refusal, told, _) = try Self.refusal(answer, stay: !answer.contains("404"))
        #expect(refusal.status == status)
        #expect(told == body)
        #expect(WebSocketEnd.refused(refusal, body: told).description == description)
    }

    @Test func bodyWithoutEnd_isWaitedFor_oneSecond() throws {
        let start = Session.now()
        let (refusal, body, _) = try Self.refusal(#"HTTP/1.1 403 No\r\n\r\nbecause"#, stay: true)
        #expect(refusal.status == 403)
        #expect(body == "because")
        #expect(Session.now() - start >= 1_000_000)
    }

    @Test func longBody_isCut() throws {
        let page = String(repeating: "0123456789", count: 8000)
        let (_, body, _) = try Self.refusal(#"HTTP/1.1 502 Bad Gateway\r\n\r\n"# + page, stay: true)
        #expect(body == page.prefix(500))
    }

    @Test func dateOfARefusal_isTold() throws {
        let (_, _, client) = try Self.refusal(#"HTTP/1.1 401 No\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n"#)
        #expect(client.serverDateMicros == 784_111_777_000_000)
    }

    @Test(
        arguments: [
            (
                #"HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n"#,
                .accept
            ),
            (#"HTTP/1.1 101 OK\r\nConnection: Upgrade\r\n\r\n"#, .upgrade),
            (#"SSH-2.0-OpenSSH_9.2\r\n"#, .statusLine),
            (#"\x15\x03\x03\x00\x02\x02\x28"#, .statusLine),
            (#"HTTP/1.1 200 OK\nContent-Length: 0\n\n"#, .lineEnd),
        ] as [(String, WebSocketHandshakeError)])
    func wrongAnswer_isNoWebSocket(_ answer: String, _ error: WebSocketHandshakeError) throws {
        let (server, session) = try Self.session(answer: answer, stay: true)
        #expect(try session.runToEnd() == .handshake(error))
        withExtendedLifetime(server) {}
    }

    @Test func interimAnswer_isPassedOver() throws {
        let (refusal, _, _) = try Self.refusal(#"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"#)
        #expect(refusal.status == 404)
    }

    @Test func endInsteadOfAnAnswer_isBroken() throws {
        let (server, session) = try Self.session(answer: #"HTTP/1.1 101"#)
        #expect(try session.runToEnd() == .broken("the server ended the connection before it answered the upgrade"))
        withExtendedLifetime(server) {}
    }

    @Test func silenceInsteadOfAnAnswer_isTimedOut() throws {
        var limits = Session.patient
        limits.openMicrosMax = 300_000
        let (server, session) = try Self.session(answer: #"HTTP/1.1 101 Switching"#, stay: true, limits: limits)
        #expect(try session.runToEnd() == .timedOut("the server did not answer the upgrade within 300 ms"))
        withExtendedLifetime(server) {}
    }

    @Test func silenceInsteadOfTLS_isTimedOut() throws {
        var limits = Session.patient
        limits.openMicrosMax = 300_000
        let server = try PythonServer("raw", ["mute"])
        let session = try Session("wss://127.0.0.1:\(server.port)/", limits: limits)
        #expect(try session.runToEnd() == .timedOut("the server did not finish the TLS handshake within 300 ms"))
    }
}

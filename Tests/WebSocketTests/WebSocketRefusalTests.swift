import Testing
import WebSocket

/// Answers of HTTP that are no WebSocket.
@Suite struct WebSocketRefusalTests {
    private func refusal(_ response: String) throws -> WebSocketRefusal {
        guard case .refused(let refusal) = answer(response).answer else {
            throw answer(response).error ?? .statusLine
        }
        return refusal
    }

    @Test func tooManyRequests_tellsWhenToComeAgain_andWhereTheBodyIs() throws {
        let head = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 30\r\nContent-Length: 4\r\n\r\n"
        let answered = answer(head + "wait")
        #expect(answered.rest == Array("wait".utf8))
        #expect(answered.bodyOffset == head.utf8.count)
        let refusal = try refusal(head)
        #expect(refusal.status == 429)
        #expect(refusal.phrase == "Too Many Requests")
        #expect(refusal.retryAfter == .seconds(30))
        #expect(refusal.body == .bytes(4))
        #expect(refusal.location == nil)
    }

    @Test func redirects_tellWhereTo_andOthersDoNot() throws {
        #expect(try refusal("HTTP/1.1 301 Moved\r\nLocation: wss://b/ws\r\n\r\n").location == "wss://b/ws")
        #expect(try refusal("HTTP/1.1 308 \r\nlocation:/ws\r\n\r\n").location == "/ws")
        #expect(try refusal("HTTP/1.1 302 Found\r\n\r\n").location == nil)
        #expect(try refusal("HTTP/1.1 200 OK\r\nLocation: /x\r\n\r\n").location == nil)
    }

    static let bodies: [(String, WebSocketRefusal.Body)] = [
        ("200 OK\r\n", .untilClose),
        ("503 Busy\r\nContent-Length: 0\r\n", .bytes(0)),
        ("503 Busy\r\nContent-Length: 7\r\nContent-Length: 7\r\n", .bytes(7)),
        ("403 No\r\nTransfer-Encoding: Chunked\r\n", .chunked),
        ("403 No\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 9\r\n", .chunked),
        ("403 No\r\nTransfer-Encoding: chunked, gzip\r\n", .untilClose),
        ("204 None\r\nContent-Length: 9\r\n", .bytes(0)),
        ("304 Same\r\nContent-Length: 9\r\n", .bytes(0)),
    ]

    @Test(arguments: bodies)
    func endOfTheBody_isFoundAsTheRFCSays(_ lines: String, _ body: WebSocketRefusal.Body) throws {
        #expect(try refusal("HTTP/1.1 \(lines)\r\n").body == body)
        #expect(try refusal("HTTP/1.0 \(lines)\r\n").body == body)
    }

    @Test func statusWithoutPhrase_isRead() throws {
        #expect(try refusal("HTTP/1.1 599\r\n\r\n").status == 599)
        #expect(try refusal("HTTP/1.1 200 \r\n\r\n").phrase == "")
    }
}

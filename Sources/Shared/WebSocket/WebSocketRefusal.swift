/// A response other than 101: the server speaks HTTP and does not want a WebSocket, now or here (RFC 6455 §4.1).
///
/// The body begins where the handshake's `rest` does.
public struct WebSocketRefusal: Equatable, Sendable {
    /// How the end of the body is found (RFC 9112 §6.3).
    public enum Body: Equatable, Sendable {
        case bytes(Int64)
        case chunked
        case untilClose
    }

    /// 200 to 599.
    public let status: Int
    /// Foreign text, possibly empty.
    public let phrase: String
    /// Nil if there is none that can be read.
    public let retryAfter: HTTPRetryAfter?
    /// Where to go instead, as it stands; only for 3xx.
    public let location: String?
    public let body: Body

    init(_ head: HTTPResponseHead) throws(WebSocketHandshakeError) {
        status = head.status
        phrase = head.phrase
        retryAfter = head.values("retry-after").first.flatMap(HTTPRetryAfter.init)
        location = (300...399).contains(head.status) ? head.values("location").first : nil
        body = try WebSocketRefusal.body(head)
    }

    private static func body(_ head: HTTPResponseHead) throws(WebSocketHandshakeError) -> Body {
        if head.status == 204 || head.status == 304 { return .bytes(0) }
        let codings = head.values("transfer-encoding").flatMap(HTTPText.list)
        if !codings.isEmpty { return codings.last == "chunked" ? .chunked : .untilClose }
        let lengths = Set(head.values("content-length"))
        guard let text = lengths.first else { return .untilClose }
        // Two lengths that differ: nobody knows where the body ends.
        guard lengths.count == 1, let length = HTTPText.digits(text) else { throw .contentLength }
        return .bytes(length)
    }
}

/// Why a server's answer is neither a WebSocket nor a refusal that HTTP knows; the connection is of no use.
public enum WebSocketHandshakeError: Error, Equatable, Sendable {
    case headTooLong
    /// Not the beginning of an HTTP/1.x response (RFC 9112 §4).
    case statusLine
    /// A line feed without its carriage return, or the other way round (RFC 9112 §2.2).
    case lineEnd
    /// Not a name, a colon and a value (RFC 9112 §5).
    case headerLine
    /// A header continued on the next line (RFC 9112 §5.2).
    case foldedHeader
    /// Lengths of the body that are no numbers, or contradict each other (RFC 9112 §6.3).
    case contentLength
    /// 101 without what it must have (RFC 6455 §4.2.2).
    case upgrade
    case connection
    case accept
    /// An extension or a subprotocol that nobody asked for (RFC 6455 §4.1).
    case unaskedExtension
    case unaskedSubprotocol
}

extension WebSocketHandshakeError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .headTooLong: "the header of the response is longer than the limit"
        case .statusLine: "the response is not HTTP/1.1"
        case .lineEnd: "a header line of the response does not end with CR LF"
        case .headerLine: "a header line of the response is not a name and a value"
        case .foldedHeader: "a header of the response goes on in a second line"
        case .contentLength: "the response has no single Content-Length"
        case .upgrade: "the response does not upgrade to websocket"
        case .connection: "the response has no Connection: Upgrade"
        case .accept: "Sec-WebSocket-Accept does not fit the key"
        case .unaskedExtension: "the server chose an extension that was not asked for"
        case .unaskedSubprotocol: "the server chose a subprotocol that was not asked for"
        }
    }
}

/// How a server answered the wish for a WebSocket.
public enum WebSocketAnswer: Equatable, Sendable {
    /// The connection is open; the handshake's `rest` is the beginning of the first frames.
    case accepted
    case refused(WebSocketRefusal)
}

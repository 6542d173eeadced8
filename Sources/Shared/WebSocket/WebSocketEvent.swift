/// What a server said: a whole message or a control frame (RFC 6455 §5.5, §5.6).
///
/// Bytes are views into the decoder, valid until its next call that changes it.
public enum WebSocketEvent {
    /// A whole text message, which is valid UTF-8.
    case text(UnsafeBufferPointer<UInt8>)
    case binary(UnsafeBufferPointer<UInt8>)
    /// Wants a pong with the same payload, of at most 125 bytes.
    case ping(UnsafeBufferPointer<UInt8>)
    case pong(UnsafeBufferPointer<UInt8>)
    /// The last event; the code is nil if the frame was empty, the reason is valid UTF-8.
    case close(code: UInt16?, reason: UnsafeBufferPointer<UInt8>)
}

internal import OpenSSL

/// The question that a client asks and the answer that proves a WebSocket server read it (RFC 6455 §1.3, §4.1).
struct WebSocketKey {
    /// `Sec-WebSocket-Key`.
    let key: String
    /// `Sec-WebSocket-Accept`.
    let accept: String

    init(random: [UInt8]) {
        precondition(random.count == 16, "a key has 16 bytes")
        key = Base64.encode(random)
        var digest = Digest(.sha1)
        Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8).withUnsafeBufferPointer { digest.update($0) }
        var hash = [UInt8](repeating: 0, count: Digest.Algorithm.sha1.byteCount)
        hash.withUnsafeMutableBufferPointer { digest.finish(into: $0) }
        accept = Base64.encode(hash)
    }
}

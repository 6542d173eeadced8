/// The key of RFC 6455 §1.3: "the sample nonce", and the answer to it.
enum Responses {
    static let nonce = Array("the sample nonce".utf8)
    static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    /// A good response, with one header put in another's place or added.
    static func switching(
        upgrade: String = "Upgrade: websocket", connection: String = "Connection: Upgrade",
        accept: String = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", more: String...
    ) -> String {
        (["HTTP/1.1 101 Switching Protocols", upgrade, connection, accept] + more).filter { !$0.isEmpty }.map { $0 + "\r\n" }.joined()
            + "\r\n"
    }
}

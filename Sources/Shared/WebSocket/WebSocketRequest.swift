/// What a connection is asked for: a place and the headers that are the venue's own (RFC 6455 §4.1).
public struct WebSocketRequest: Sendable {
    /// A part of a request that cannot stand in a header without becoming something else.
    public enum Fault: Error, Equatable, Sendable {
        case host
        case port
        case path
        /// A name that is no token, or one that the handshake writes itself.
        case headerName(String)
        /// A value with a line break, another control character or bytes beyond ASCII; the value is not told, it may be a secret.
        case headerValue(String)
    }

    /// A name or an address; one of IPv6 stands in brackets.
    public let host: String
    public let port: Int
    /// The path with its query, percent-encoded.
    public let path: String
    /// TLS; decides which port goes without saying.
    public let isSecure: Bool
    public let headers: [(name: String, value: String)]

    public init(
        host: String, port: Int, path: String = "/", isSecure: Bool = true, headers: [(name: String, value: String)] = []
    ) throws(Fault) {
        let hostMarks = Set("-._~%:[]!$&'()*+,;=".utf8)
        guard !host.isEmpty, host.utf8.allSatisfy({ HTTPText.isAlphanumeric($0) || hostMarks.contains($0) }) else { throw .host }
        guard (1...65535).contains(port) else { throw .port }
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") })
        else { throw .path }
        for header in headers {
            guard HTTPText.isToken(header.name.utf8), !WebSocketRequest.isOurs(header.name) else { throw .headerName(header.name) }
            guard header.value.utf8.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x09 }) else { throw .headerValue(header.name) }
        }
        self.host = host
        self.port = port
        self.path = path
        self.isSecure = isSecure
        self.headers = headers
    }

    /// A second one would contradict the handshake's own, or announce a body.
    private static func isOurs(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["host", "upgrade", "connection", "content-length", "transfer-encoding"].contains(name) || name.hasPrefix("sec-websocket-")
    }

    /// The lines as they go out, with the blank one.
    func text(key: String) -> String {
        let authority = port == (isSecure ? 443 : 80) ? host : "\(host):\(port)"
        var lines = [
            "GET \(path) HTTP/1.1", "Host: \(authority)", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: \(key)", "Sec-WebSocket-Version: 13",
        ]
        lines += headers.map { "\($0.name): \($0.value)" }
        return lines.map { $0 + "\r\n" }.joined() + "\r\n"
    }
}

extension WebSocketRequest.Fault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .host: "the host has characters that no host has"
        case .port: "the port is not in 1 to 65535"
        case .path: "the path must begin with / and be percent-encoded"
        case .headerName: "a header's name is no token, or is one that the handshake writes itself"
        case .headerValue(let name): "the value of the header \(name) has a line break or another character that must not be there"
        }
    }
}

/// Where a WebSocket is: an address of the schemes ws and wss (RFC 6455 §3).
public struct WebSocketAddress: Sendable, Equatable {
    /// TLS: the scheme is wss.
    public let isSecure: Bool
    /// A name in lower case, or an address; one of IPv6 without its brackets.
    public let host: String
    /// 443 or 80 if the text has none.
    public let port: Int
    /// The path with its query; "/" if there is none.
    public let path: String

    /// Reads the text of an address; a user's name and a fragment are refused, since neither would be sent.
    public init(_ text: String) throws(WebSocketAddressError) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .characters }
        guard let mark = text.firstRange(of: "://") else { throw .scheme }
        switch text[..<mark.lowerBound].lowercased() {
        case "ws": isSecure = false
        case "wss": isSecure = true
        default: throw .scheme
        }
        let rest = text[mark.upperBound...]
        guard !rest.contains("#") else { throw .fragment }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = rest[..<end]
        guard !authority.contains("@") else { throw .userInfo }
        guard let place = HostPort(authority) else { throw .host }
        host = place.host
        port = place.port ?? (isSecure ? 443 : 80)
        path = rest[end...].hasPrefix("/") ? String(rest[end...]) : "/" + rest[end...]
    }

    /// The host as it stands in an address, one of IPv6 in brackets.
    var bracketedHost: String { HostPort.bracketed(host) }
}

extension WebSocketAddress: CustomStringConvertible {
    /// The address in full; the port only if the scheme does not say it.
    public var description: String {
        "\(isSecure ? "wss" : "ws")://\(bracketedHost)\(port == (isSecure ? 443 : 80) ? "" : ":\(port)")\(path)"
    }
}

internal import OpenSSL

/// A proxy that makes tunnels to WebSocket servers (RFC 9110 §9.3.6), as the environment names it.
///
/// A name and a password in its address go into `Proxy-Authorization`, and are shown nowhere.
public struct HTTPProxy: Sendable {
    /// A name in lower case, or an address; one of IPv6 without its brackets.
    public let host: String
    public let port: Int
    /// The credentials of `Proxy-Authorization` (RFC 7617), or nil.
    private let credentials: String?

    /// The proxy for an address, or nil if it is reached directly.
    ///
    /// `https_proxy` or `HTTPS_PROXY` is for wss, `http_proxy` for ws (in lower case only: a web server would set the other one from a
    /// header of a stranger), `all_proxy` or `ALL_PROXY` for both; the first that is not empty counts. `no_proxy` or `NO_PROXY` names
    /// those that are reached directly: see `ProxyExceptions`.
    public static func find(
        for address: WebSocketAddress, environment: [String: String]
    ) throws(HTTPProxyError) -> HTTPProxy? {
        let names = (address.isSecure ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]) + ["all_proxy", "ALL_PROXY"]
        guard let name = names.first(where: { environment[$0]?.isEmpty == false }), let text = environment[name] else { return nil }
        let exceptions = ["no_proxy", "NO_PROXY"].compactMap { environment[$0] }.first { !$0.isEmpty }
        if let exceptions, ProxyExceptions(exceptions).contain(host: address.host, port: address.port) { return nil }
        return try HTTPProxy(text, variable: name)
    }

    private init(_ text: String, variable: String) throws(HTTPProxyError) {
        var rest = text[...]
        if let mark = rest.firstRange(of: "://") {
            let scheme = rest[..<mark.lowerBound].lowercased()
            guard scheme == "http" else { throw .scheme(variable: variable, scheme: PrintableText.line(scheme, charactersMax: 20)) }
            rest = rest[mark.upperBound...]
        }
        rest = rest.prefix { !"/?#".contains($0) }
        if let at = rest.lastIndex(of: "@") {
            guard let decoded = HTTPProxy.decoded(rest[..<at]) else { throw .address(variable: variable) }
            // A name alone has an empty password.
            credentials = Base64.encode(rest[..<at].contains(":") ? decoded : decoded + [UInt8(ascii: ":")])
            rest = rest[rest.index(after: at)...]
        } else {
            credentials = nil
        }
        guard let place = HostPort(rest) else { throw .address(variable: variable) }
        host = place.host
        port = place.port ?? 80
    }

    /// Asks for a tunnel.
    func request(to address: WebSocketAddress) -> String {
        let place = "\(address.bracketedHost):\(address.port)"
        let authorization = credentials.map { "Proxy-Authorization: Basic \($0)\r\n" } ?? ""
        return "CONNECT \(place) HTTP/1.1\r\nHost: \(place)\r\n\(authorization)\r\n"
    }

    /// The bytes of a text with percent-encoded ones in it, or nil if a percent sign stands alone.
    private static func decoded(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}

extension HTTPProxy: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Host and port.
    public var description: String { "\(HostPort.bracketed(host)):\(port)" }

    /// Host and port.
    public var debugDescription: String { description }

    /// Host and port.
    public var customMirror: Mirror { Mirror(self, children: ["host": host, "port": port]) }
}

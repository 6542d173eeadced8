/// Why a variable of the environment names no proxy that can be used; its text is not told, it may hold a password.
public enum HTTPProxyError: Error, Equatable, Sendable {
    /// Something other than a proxy that speaks HTTP without TLS.
    case scheme(variable: String, scheme: String)
    case address(variable: String)
}

extension HTTPProxyError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .scheme(let variable, let scheme):
            "\(variable) names a proxy of the kind \(scheme)://, and only http:// proxies are supported; name one, or unset \(variable)"
        case .address(let variable):
            "\(variable) is no address of a proxy; write it as http://host:port or http://name:password@host:port, percent-encoded"
        }
    }
}

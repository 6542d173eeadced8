/// Why a connection is not safe to use; the description is one line that says what to do.
///
/// Names and reasons from the other end hold no control characters.
public enum TLSError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The extra CA file cannot be used, with OpenSSL's reason.
    case caFile(path: String, reason: String)
    /// The text is no host name or address that a certificate could be held against.
    case hostName(String)
    case expired(host: String, on: String)
    case notYetValid(host: String, until: String)
    /// The certificate is for others, by their names.
    case nameMismatch(host: String, names: [String])
    case unknownAuthority(host: String, issuer: String)
    case selfSigned(host: String)
    /// The server's newest protocol is older than TLS 1.2.
    case protocolTooOld(host: String, reason: String)
    /// A key or a signature of the certificates is too weak.
    case weakKey(host: String, reason: String)
    /// The certificate is refused for another reason of OpenSSL's.
    case certificate(host: String, reason: String)
    /// What answered does not speak TLS.
    case notTLS(host: String)
    /// The bytes ended without close_notify: what came last may be cut (RFC 8446 section 6.1).
    case truncated(host: String)
    /// The system refused the socket, with its own words.
    case socket(host: String, reason: String)
    /// Everything else, with OpenSSL's reason.
    case refused(host: String, reason: String)

    public var description: String {
        switch self {
        case .caFile(let path, let reason):
            "cannot read certificates from \(path) (\(reason)); give a file of PEM certificates with --ca-file"
        case .hostName(let name):
            "\"\(name)\" is not a host name or an address; give the name alone, such as example.com"
        case .expired(let host, let date):
            "\(host): a certificate expired on \(date); compare this machine's clock, else the server's owner must renew it"
        case .notYetValid(let host, let date):
            "\(host): a certificate is not valid until \(date); set this machine's clock, else the server's owner must wait"
        case .nameMismatch(let host, let names):
            "\(host): the certificate does not match this name, it is for \(TLSError.list(names)); correct the address"
        case .unknownAuthority(let host, let issuer):
            "\(host): the certificate is signed by an unknown authority, \(issuer); if you trust it, give its certificate with --ca-file"
        case .selfSigned(let host):
            "\(host): the certificate is self-signed; if you trust it, give it with --ca-file"
        case .protocolTooOld(let host, let reason):
            "\(host): the server speaks no TLS 1.2 or newer (\(reason)); the server's owner must update it"
        case .weakKey(let host, let reason):
            "\(host): the server's certificate is too weak (\(reason)); the server's owner must make a new one of 2048 bits or more"
        case .certificate(let host, let reason):
            "\(host): the certificate is refused (\(reason)); the server's owner must correct it"
        case .notTLS(let host):
            "\(host): the server does not speak TLS on this port; correct the address"
        case .truncated(let host):
            "\(host): the connection was truncated, it ended without close_notify; connect again"
        case .socket(let host, let reason):
            "\(host): the connection broke (\(reason)); connect again"
        case .refused(let host, let reason):
            "\(host): TLS failed (\(reason)); connect again, and tell the server's owner if it stays"
        }
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "no name at all" : names.joined(separator: ", ")
    }
}

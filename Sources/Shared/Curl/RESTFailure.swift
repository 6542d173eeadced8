/// Why there is no answer; each text is one line that says to what it happened and what to do.
///
/// No text holds a header, a body, a query or a password.
public enum RESTFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The name of the server, or of the proxy, has no address, or none came in time.
    case unresolved(String)
    /// There is no connection: refused, no route, or nothing came back in time.
    case unreachable(String)
    /// The connection is not safe to use.
    case tls(String)
    /// The connection was there, and the answer was not complete in time.
    case timedOut(String)
    /// The body is larger than the request allows.
    case tooLarge
    /// The exchange ended in the middle, or what came is no HTTP, or redirects lead nowhere.
    case broken(String)
    /// The text is no address that may be asked.
    case badURL(String)
    /// A header cannot be sent as it is; its name is told, never its value.
    case badHeader(String)

    /// Whether the network is missing rather than the server: nobody was reached who could have answered.
    public var isNetwork: Bool {
        switch self {
        case .unresolved, .unreachable: true
        case .tls, .timedOut, .tooLarge, .broken, .badURL, .badHeader: false
        }
    }

    public var description: String {
        switch self {
        case .unresolved(let text), .unreachable(let text), .tls(let text), .timedOut(let text), .broken(let text), .badURL(let text),
            .badHeader(let text):
            text
        case .tooLarge: "the answer is larger than the limit for it; ask for less at a time"
        }
    }
}

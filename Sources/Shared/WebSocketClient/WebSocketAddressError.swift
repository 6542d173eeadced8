/// Why a text is no address of a WebSocket; the text itself is not told, it may hold a password.
public enum WebSocketAddressError: Error, Equatable, Sendable {
    /// Neither ws:// nor wss:// stands in front.
    case scheme
    /// A blank, a control character or something beyond ASCII.
    case characters
    /// A user's name or a password in front of the host.
    case userInfo
    case fragment
    /// The host is missing or has characters that no host has, or the port is not in 1 to 65535.
    case host
}

extension WebSocketAddressError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .scheme: "the address of a WebSocket begins with wss:// or ws://"
        case .characters: "the address has a blank or a character beyond ASCII; percent-encode it, and give foreign names as xn--"
        case .userInfo: "the address has a user's name, which would not be sent; leave out what stands before the @"
        case .fragment: "the address has a fragment, which would not be sent; leave out the # and what follows"
        case .host: "the address has no host name or address, or its port is not in 1 to 65535"
        }
    }
}

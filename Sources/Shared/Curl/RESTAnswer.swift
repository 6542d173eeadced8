/// What a server answered, whatever its status says: 404 and 500 are answers too.
///
/// The texts of headers hold no control characters.
public struct RESTAnswer: Equatable, Sendable {
    /// The HTTP status of the last answer; a redirect that was followed is not one.
    public let status: Int
    /// Decompressed, and whole.
    public let body: [UInt8]
    /// The media type as the server spells it; nil if it says none. An error is often HTML where JSON was asked for.
    public let contentType: String?
    /// `Retry-After` as the server spells it, seconds or a date (RFC 9110 §10.2.3); nil if it says none.
    public let retryAfter: String?
    /// The server's clock when it answered, in microseconds since 1970, exact to a second; nil if there is no date that can be read.
    public let dateMicros: Int64?
}

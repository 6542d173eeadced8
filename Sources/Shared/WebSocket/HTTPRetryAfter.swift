/// When a server wants to be asked again (RFC 9110 §10.2.3).
public enum HTTPRetryAfter: Equatable, Sendable {
    case seconds(Int64)
    /// Microseconds since 1970, by the server's clock.
    case date(micros: Int64)

    /// Reads a number of seconds or an IMF-fixdate (`Sun, 06 Nov 1994 08:49:37 GMT`), or nil; a number that is too large is the largest.
    public init?(_ text: String) {
        if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            self = .seconds(Int64(text) ?? .max)
        } else if let micros = HTTPDate.micros(fixdate: text) {
            self = .date(micros: micros)
        } else {
            return nil
        }
    }
}

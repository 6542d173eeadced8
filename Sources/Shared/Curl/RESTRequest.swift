/// One question to a server over HTTP.
public struct RESTRequest: Sendable {
    public enum Method: Equatable, Sendable {
        case get
        /// The body goes out as `application/json`, unless a header says something else.
        case post(body: [UInt8])
    }

    /// `https://…` or `http://…`, without a user's name.
    public var url: String
    public var method: Method
    /// Sent to the host of `url` only, never to one that it redirects to; they may hold secrets and appear in no error.
    public var headers: [(name: String, value: String)]
    /// From the first `advance` after the start to the last byte, redirects and waiting for a free connection included.
    public var timeoutMicros: Int64
    /// The most that a body may hold, after it is decompressed.
    public var bodyBytesMax: Int

    public init(
        url: String, method: Method = .get, headers: [(name: String, value: String)] = [], timeoutMicros: Int64 = 10_000_000,
        bodyBytesMax: Int = 64 << 20
    ) {
        self.url = url
        self.method = method
        self.headers = headers
        self.timeoutMicros = timeoutMicros
        self.bodyBytesMax = bodyBytesMax
    }
}

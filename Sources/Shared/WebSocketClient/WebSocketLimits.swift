/// What a connection may cost in memory and time.
public struct WebSocketLimits: Sendable {
    /// The longest frame that is taken in; a longer one ends the connection with 1009.
    public var frameBytesMax = 64 << 20
    /// The longest message that is taken in; a longer one ends the connection with 1009.
    public var messageBytesMax = 64 << 20
    /// The whole opening: name, TCP, the proxy's tunnel, TLS and the upgrade.
    public var openMicrosMax: Int64 = 10_000_000
    /// How long the other end may take to answer a close frame, and to end the connection after it.
    public var closeMicrosMax: Int64 = 2_000_000
    /// How much may wait to be sent; a server that reads too slowly for it is left.
    public var sendBytesMax = 4 << 20

    public init() {}
}

/// The times a session keeps, in microseconds.
public struct SessionRules: Equatable, Sendable {
    public var backoff = Backoff.usual
    /// Data for so long makes a connection a good one: what follows its end begins with short waits again.
    public var goodDataMicros: Int64 = 5_000_000
    /// Sockets are opened no faster: venues answer a burst with 429.
    public var openSpacingMicros: Int64 = 1_000_000
    /// A busy server that does not say when to come back is left alone for at least so long.
    public var busyMicrosMin: Int64 = 1_000_000
    /// A run that never got a socket up ends after so long: cron and people want to know.
    public var startPatienceMicros: Int64 = 10_000_000
    /// nil: sockets are not renewed.
    public var rotateMicros: Int64?

    public init() {}
}

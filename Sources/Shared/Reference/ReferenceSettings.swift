/// How often reference data is loaded again, and how long a database may take.
public struct ReferenceSettings: Equatable, Sendable {
    /// Between loads of a server whatever it tells; nil for only when it tells. A file is looked at every second instead.
    public var refreshMicros: Int64?
    /// For one statement, at least a millisecond.
    public var statementMicrosMax: Int64
    /// For a connection, at least a millisecond.
    public var connectMicrosMax: Int64
    /// Sessions with a server: one listens, the others load.
    public var connectionsMax: Int
    /// The longest wait before the next try after a failure.
    public var retryMicrosMax: Int64

    public init(
        refreshMicros: Int64? = 60_000_000, statementMicrosMax: Int64 = 5_000_000, connectMicrosMax: Int64 = 5_000_000,
        connectionsMax: Int = 2, retryMicrosMax: Int64 = 30_000_000
    ) {
        self.refreshMicros = refreshMicros
        self.statementMicrosMax = statementMicrosMax
        self.connectMicrosMax = connectMicrosMax
        self.connectionsMax = connectionsMax
        self.retryMicrosMax = retryMicrosMax
    }

    /// The least number of sessions.
    public static let connectionsLeast = 2
}

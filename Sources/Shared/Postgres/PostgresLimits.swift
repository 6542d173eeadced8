/// How long a connection may take for what it does; every wait has an end.
public struct PostgresLimits: Equatable, Sendable {
    /// From the first packet to a session that can be asked; the system's lookup of a name is not in our hands.
    public let connectMicrosMax: Int64
    /// For one statement, by the server's own clock. We give up a second later, in case the server no longer says anything.
    public let statementMicrosMax: Int64

    /// Both are at least a millisecond.
    public init(connectMicrosMax: Int64, statementMicrosMax: Int64) {
        precondition(connectMicrosMax >= 1000 && statementMicrosMax >= 1000, "a wait without an end")
        self.connectMicrosMax = connectMicrosMax
        self.statementMicrosMax = statementMicrosMax
    }

    var answerMicrosMax: Int64 { statementMicrosMax + 1_000_000 }
}

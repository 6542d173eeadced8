public import MarketModel

/// What a feed says of itself in the stream: the payload of a `feed_status` line.
public struct FeedStatus: Sendable {
    public enum State: UInt8, Sendable {
        case connecting, live, stale, gap, resyncing, lagging, drift, disconnected, heartbeat, stopped

        public var name: StaticString {
            switch self {
            case .connecting: "connecting"
            case .live: "live"
            case .stale: "stale"
            case .gap: "gap"
            case .resyncing: "resyncing"
            case .lagging: "lagging"
            case .drift: "drift"
            case .disconnected: "disconnected"
            case .heartbeat: "heartbeat"
            case .stopped: "stopped"
            }
        }
    }

    public var state: State
    public var conn: Int64?
    public var reason: String?
    public var since: Timestamp?
    /// nil: all of the connection's; empty: none.
    public var instruments: [String]?
    public var expectedSeq: Int64?
    public var gotSeq: Int64?
    /// After how long the session tries again.
    public var retryMicros: Int64?

    public init(
        _ state: State, conn: Int64? = nil, reason: String? = nil, since: Timestamp? = nil, instruments: [String]? = nil,
        expectedSeq: Int64? = nil, gotSeq: Int64? = nil, retryMicros: Int64? = nil
    ) {
        self.state = state
        self.conn = conn
        self.reason = reason
        self.since = since
        self.instruments = instruments
        self.expectedSeq = expectedSeq
        self.gotSeq = gotSeq
        self.retryMicros = retryMicros
    }
}

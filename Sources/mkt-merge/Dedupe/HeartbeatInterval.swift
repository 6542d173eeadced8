import MarketModel

/// Learns how often a feed sends heartbeats, from their `recv_us`.
///
/// The middle one of the last five distances: after a stall several heartbeats come at once and one comes early, and neither must be
/// taken for the rhythm.
struct HeartbeatInterval {
    private static let distancesMax = 5
    /// Heartbeats nearer than this were due at different times and told together.
    private static let distanceMicrosMin: Int64 = 1000

    private var distances: [Int64] = []
    private var last: Int64?
    /// nil until three heartbeats came.
    private(set) var micros: Int64?

    /// Whether the feed sends heartbeats at all.
    var isBeating: Bool { last != nil }

    mutating func note(received: Int64) {
        defer { last = max(received, last ?? received) }
        guard let last else { return }
        let distance = Timestamp(micros: received).micros(since: Timestamp(micros: last))
        guard distance >= HeartbeatInterval.distanceMicrosMin else { return }
        if distances.count == HeartbeatInterval.distancesMax { distances.removeFirst() }
        distances.append(distance)
        // Of two the longer one: to be patient costs less than to cry wolf.
        if distances.count >= 2 { micros = distances.sorted()[distances.count / 2] }
    }
}

import JSON
import MarketModel

/// A break that was met, in memory of its own.
struct CollectedBreak {
    let received: Int64
    let state: String
    /// nil: all connections of the feed.
    let conn: Int64?
    let venue: [UInt8]
    /// nil: all of the feed's.
    let instruments: Set<[UInt8]>?

    init(_ broken: BookBreak, received: Timestamp, venue: [UInt8]) {
        self.received = received.micros
        state = "\(broken.state)"
        conn = broken.conn
        self.venue = venue
        instruments = broken.instruments.map { Set($0.map(BookKey.name)) }
    }

    /// One of which nobody can tell what it concerns, so that it concerns all of its feed.
    init(ofAll state: String, received: Timestamp) {
        (self.received, self.state, conn, venue, instruments) = (received.micros, state, nil, [], nil)
    }

    /// Whether it concerns a book whose snapshot came over a connection (0: it does not tell), which may be any then.
    func concerns(_ key: BookKey, conn other: Int64) -> Bool {
        guard conn == nil || other == 0 || conn == other else { return false }
        guard let instruments else { return true }
        return venue == key.venue && instruments.contains(key.instrument)
    }

    /// The earlier one counts; of one moment any, so the choice is by name.
    func precedes(_ other: CollectedBreak) -> Bool {
        received != other.received ? received < other.received : state.utf8.lexicographicallyPrecedes(other.state.utf8)
    }
}

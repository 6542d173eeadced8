import MarketModel

/// A line of a book: a snapshot of it, or changes.
struct BookLine {
    let received: Int64
    let seq: Int64
    /// 0 where the line tells none.
    let conn: Int64
    let isDelta: Bool
    let bids: [Level]
    let asks: [Level]
    let venueTime: Timestamp?
    let isVerified: Bool

    init(_ decoder: borrowing EventDecoder, isDelta: Bool) throws(EventError) {
        guard let seq = try decoder.integer(.seq) else { throw .missing(.seq) }
        received = decoder.received.micros
        self.seq = seq
        conn = try decoder.integer(.conn) ?? 0
        self.isDelta = isDelta
        bids = decoder.bids
        asks = decoder.asks
        venueTime = try decoder.integer(.venueUs).map { Timestamp(micros: $0) }
        isVerified = try decoder.bool(.verified) ?? false
    }

    /// The order in which lines count: by receive time, then by number, as databases keep them.
    func precedes(_ other: BookLine) -> Bool {
        (received, seq, conn, isDelta ? 1 : 0) < (other.received, other.seq, other.conn, other.isDelta ? 1 : 0)
    }

    /// Whether it is the other line once more: archives keep what comes twice, databases do not.
    func isSame(as other: BookLine) -> Bool { !precedes(other) && !other.precedes(self) }
}

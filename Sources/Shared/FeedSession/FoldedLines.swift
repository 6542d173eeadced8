import MarketModel

/// What is kept of an instrument's lines while our reader is slow: enough to write one snapshot that stands for all of them.
struct FoldedLines {
    /// It is in the queue of those of which something is to be told.
    var isWaiting = false
    /// Why the snapshot is sent; nil while no book line is folded.
    private(set) var reason: FeedOutput.SnapshotReason?
    private var conn: Int64?
    /// Of the last change.
    private(set) var venueTime: Timestamp?
    private(set) var isVerified = false

    /// Adds a line. A checkpoint changes nothing in the book, so what was said of the last change stays.
    mutating func add(_ newReason: FeedOutput.SnapshotReason, conn newConn: Int64?, venueTime: Timestamp?, isVerified: Bool) {
        if let reason, conn == newConn {
            self.reason = FoldedLines.stronger(reason, newReason)
        } else {
            reason = newReason
        }
        conn = newConn
        guard newReason != .checkpoint else { return }
        self.venueTime = venueTime
        self.isVerified = isVerified
    }

    /// The reader is to get the whole book though no line of it was folded: what it has of it was made unknown.
    mutating func mend() { reason = reason.map { FoldedLines.stronger($0, .resync) } ?? .resync }

    /// What a reader who sees one snapshot for two must be told: that it is the first of its connection; else that it mends a break;
    /// else that the venue has changed the book.
    private static func stronger(_ one: FeedOutput.SnapshotReason, _ other: FeedOutput.SnapshotReason) -> FeedOutput.SnapshotReason {
        weight(one) >= weight(other) ? one : other
    }

    private static func weight(_ reason: FeedOutput.SnapshotReason) -> Int {
        switch reason {
        case .checkpoint: 0
        case .refresh: 1
        case .resync: 2
        case .initial: 3
        }
    }
}

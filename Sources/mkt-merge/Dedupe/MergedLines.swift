import JSON
import MarketModel

/// The lines that the merged feed says itself, kept until they are taken.
struct MergedLines: ~Copyable {
    /// Where a line ends, and its `recv_us`.
    struct End {
        let offset: Int
        let received: Int64
    }

    enum State {
        case live, gap
    }

    /// Instruments in one status line: their ids are long, and a line ends at 4 MiB.
    private static let instrumentsMax = 1000

    private var buffer = ByteBuffer(capacity: 1 << 12)
    private(set) var ends: [End] = []
    private let feed: String
    /// `recv_us` of the last line.
    private var newest = Int64.min

    init(feed: String) { self.feed = feed }

    var isEmpty: Bool { ends.isEmpty }

    /// All lines; valid until the next change.
    var bytes: UnsafeBufferPointer<UInt8> { buffer.bytes }

    mutating func removeAll() {
        buffer.removeAll()
        ends.removeAll(keepingCapacity: true)
    }

    /// The `recv_us` of the next line: that which brought it about, but never one before the last line's.
    ///
    /// Sources are not of one clock, and the line of a timer may overtake lines that wait for the window.
    private mutating func clamp(_ received: Int64) -> Int64 {
        newest = max(newest, received)
        return newest
    }

    private mutating func end(_ received: Int64) {
        buffer.endEvent()
        ends.append(End(offset: buffer.count, received: received))
    }

    /// A snapshot of a source's book as it stands.
    mutating func snapshot(
        _ book: SourceBook, seq: Int64, received: Int64, venueTime: Timestamp?, reason: SnapshotReason, isVerified: Bool
    ) {
        let received = clamp(received)
        buffer.beginEvent(
            .bookSnapshot, book.origin.spelled, seq: seq, received: Timestamp(micros: received), venueTime: venueTime)
        buffer.append(.bids, levels: book.levels.bids.bestFirst)
        buffer.append(.asks, levels: book.levels.asks.bestFirst)
        buffer.append(.reason, word: reason.name)
        if isVerified { buffer.append(.verified, bool: true) }
        end(received)
    }

    mutating func delta(
        _ book: SourceBook, bids: [Level], asks: [Level], seq: Int64, received: Int64, venueTime: Timestamp?, isVerified: Bool
    ) {
        let received = clamp(received)
        buffer.beginEvent(.bookDelta, book.origin.spelled, seq: seq, received: Timestamp(micros: received), venueTime: venueTime)
        buffer.append(.bids, levels: bids)
        buffer.append(.asks, levels: asks)
        if isVerified { buffer.append(.verified, bool: true) }
        end(received)
    }

    /// A `feed_status` of the merged feed about some instruments of a venue.
    mutating func status(
        _ state: State, venue: String, reason: String, since: Int64?, instruments: [String], received: Int64
    ) {
        let received = clamp(received)
        let origin = EventOrigin(feed: feed, venue: venue)
        var first = 0
        while first < instruments.count {
            let some = Array(instruments[first..<min(first + MergedLines.instrumentsMax, instruments.count)])
            buffer.beginEvent(.feedStatus, origin, received: Timestamp(micros: received))
            buffer.append(.state, word: state == .gap ? "gap" : "live")
            buffer.append(.reason, string: reason)
            buffer.append(.sinceUs, integer: since)
            buffer.append(.instruments, strings: some)
            end(received)
            first += some.count
        }
    }
}

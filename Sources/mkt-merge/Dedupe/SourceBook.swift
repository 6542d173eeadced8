import JSON
import MarketModel

/// The book of one instrument as one source tells it, and whether it may be used (`docs/market-event.md`).
///
/// A class, because thousands of them are changed in place, one a line.
final class SourceBook {
    enum State {
        /// From the start, after a break and after a hole, until the next snapshot.
        case unknown
        /// It was known when its file ended. The next line, if it follows by number, proves that nothing is missing.
        case suspended
        case known
    }

    private(set) var levels = OrderBook()
    private(set) var state = State.unknown
    /// How far into the venue's history its levels reach.
    private(set) var progress = BookProgress()
    /// How often it became unknown.
    private(set) var breakCount = 0
    private(set) var seq: Int64 = 0
    /// `recv_us` of its last good line.
    private(set) var received: Int64 = 0
    /// The venue's time of the newest change that its source has told; nil where none was told with a time.
    ///
    /// Of lines that were no use too: the next snapshot has what they said in it.
    /// So it may be later than what `progress` says of the levels.
    private(set) var venueTime: Timestamp?
    /// When the venue's last snapshot of it came, by the clock of the run.
    private(set) var snapshotAtMicros = Int64.min
    /// When the last news of it came, snapshot or change.
    private(set) var newsAtMicros = Int64.min
    /// The connection of its lines since the snapshot; nil if they tell none.
    private var conn: Int64?
    /// Its lines come through several connections, any of which may break it.
    private var isOfManyConns = false
    /// The decoder's number of the origin that its last line had.
    private var originNumber: Int?
    private(set) var origin: MergedOrigin

    init(_ origin: MergedOrigin) { self.origin = origin }

    /// Bytes from its beginning that every line needs.
    static let hotBytes = 256

    /// Asks for the memory that its next line needs beyond itself.
    func askForContent() {
        levels.askForBest(.bid)
        levels.askForBest(.ask)
        origin.askForBytes()
    }

    /// What names a book line among others.
    struct Mark {
        let seq: Int64
        let conn: Int64?
        let received: Int64
        let venueTime: Timestamp?
        let nowMicros: Int64
    }

    /// Takes a snapshot: it is known from here on.
    ///
    /// - Parameter isCheckpoint: The feed repeats what it knew, which is no news.
    func replace(_ mark: Mark, bids: [Level], asks: [Level], isCheckpoint: Bool) {
        if !isCheckpoint { snapshotAtMicros = mark.nowMicros }
        hear(mark, isNews: !isCheckpoint)
        conn = mark.conn
        isOfManyConns = false
        guard levels.replace(bidsBestFirst: bids, asksBestFirst: asks) else { return markUnknown() }
        // What a feed repeats says nothing that its lines did not say, but behind a break or a hole, where it may be more.
        if !isCheckpoint || state == .unknown || mark.seq != seq &+ 1 {
            progress.takeSnapshot(mark.venueTime, heard: venueTime, nowMicros: isCheckpoint ? newsAtMicros : mark.nowMicros)
        }
        state = .known
        follow(mark)
    }

    /// Takes a delta. It is no use to an unknown book, and behind a hole it makes it unknown.
    func change(_ mark: Mark, bids: [Level], asks: [Level]) {
        hear(mark, isNews: true)
        guard state != .unknown else { return }
        guard mark.seq == seq &+ 1 else { return markUnknown() }
        state = .known
        progress.takeChange(mark.venueTime, nowMicros: mark.nowMicros)
        if mark.conn != conn { isOfManyConns = true }
        for level in bids { levels.set(.bid, level) }
        for level in asks { levels.set(.ask, level) }
        follow(mark)
    }

    private func hear(_ mark: Mark, isNews: Bool) {
        if isNews { newsAtMicros = mark.nowMicros }
        if let told = mark.venueTime, venueTime.map({ told > $0 }) ?? true { venueTime = told }
    }

    private func follow(_ mark: Mark) {
        seq = mark.seq
        received = mark.received
    }

    /// Takes the label of a line.
    ///
    /// - Parameter number: The decoder's number of the line's origin, of which the label is a part; nil where it has none.
    /// - Returns: Whether it is another number than that of the line before.
    func take(label: JSONText?, ofOrigin number: Int?) -> Bool {
        if let number, number == originNumber { return false }
        originNumber = number
        origin.take(label: label)
        return true
    }

    func markUnknown() {
        state = .unknown
        breakCount += 1
    }

    /// The file it came from has ended.
    func suspend() { if state == .known { state = .suspended } }

    /// Whether a break of a connection (nil: of the whole feed) concerns it.
    func isConcerned(byBreakOf broken: Int64?) -> Bool {
        broken == nil || conn == nil || isOfManyConns || conn == broken
    }

    func hasSameLevels(as other: OrderBook) -> Bool { levels.bids == other.bids && levels.asks == other.asks }
}

import MarketModel
import UnixTool

/// How far our reader is behind, and what was folded or left out for it meanwhile. Holds what is to be told; `FeedOutput` tells it.
struct ReaderLag {
    enum Phase: Equatable {
        /// The reader keeps up; lines are written as they come.
        case none
        /// Every change of a book is folded.
        case folding
        /// Folded books are being written; books whose turn has come or that did not change flow again.
        case catchingUp
    }

    /// Which lines are left out because even those that cannot be folded are too many.
    enum Overflow: Comparable {
        case none, data, all
    }

    private(set) var phase = Phase.none
    /// When the reader was first seen to be slow.
    private(set) var since = Timestamp(micros: 0)
    /// Instruments of which something is folded, in the order of their first change; before `head` they are done.
    private var waiting: [FeedInstrument] = []
    private var head = 0
    /// Every instrument whose book was ever shown or folded.
    private(set) var listed: [FeedInstrument] = []

    /// Of this lag, and of all.
    private(set) var foldedLines: Int64 = 0
    private(set) var foldedLinesTotal: Int64 = 0
    private(set) var snapshots: Int64 = 0

    private(set) var overflow = Overflow.none
    private(set) var overflowSince = Timestamp(micros: 0)
    /// By `EventKind`: left out of this overflow, and of all.
    private(set) var dropped = [Int64](repeating: 0, count: EventKind.allCases.count)
    private(set) var droppedTotal = [Int64](repeating: 0, count: EventKind.allCases.count)
    /// Breaks of books that there was no room to tell: since when, the earliest; nil for none.
    private(set) var brokenSince: Timestamp?

    mutating func begin(at time: Timestamp) {
        if phase == .none {
            since = time
            (foldedLines, snapshots) = (0, 0)
        }
        phase = .folding
    }

    mutating func catchUp() { phase = .catchingUp }

    mutating func end() { phase = .none }

    mutating func countSnapshot() { snapshots += 1 }

    // MARK: Folded books

    /// Notes a book line that is not written.
    mutating func fold(
        _ instrument: FeedInstrument, _ reason: FeedOutput.SnapshotReason, venueTime: Timestamp?, isVerified: Bool
    ) {
        foldedLines += 1
        foldedLinesTotal += 1
        note(instrument)
        instrument.folded.add(reason, conn: instrument.conn, venueTime: venueTime, isVerified: isVerified)
    }

    /// Has something told of an instrument when the reader has caught up.
    mutating func note(_ instrument: FeedInstrument) {
        guard !instrument.folded.isWaiting else { return }
        instrument.folded.isWaiting = true
        waiting.append(instrument)
    }

    /// The reader does not know any book any more: it gets all of them again.
    mutating func mendAll() {
        for instrument in listed where instrument.book.isKnown {
            note(instrument)
            instrument.folded.mend()
        }
    }

    /// Knows an instrument by its first book.
    mutating func list(_ instrument: FeedInstrument) {
        guard !instrument.isListed else { return }
        instrument.isListed = true
        listed.append(instrument)
    }

    var hasWaiting: Bool { head < waiting.count }

    /// The next instrument and what is folded of it; nil when none is left.
    mutating func next() -> (FeedInstrument, FoldedLines)? {
        guard hasWaiting else {
            waiting.removeAll(keepingCapacity: true)
            head = 0
            return nil
        }
        let instrument = waiting[head]
        head += 1
        if head * 2 > waiting.count {
            waiting.removeFirst(head)
            head = 0
        }
        defer { instrument.folded = FoldedLines() }
        return (instrument, instrument.folded)
    }

    // MARK: What is left out

    /// From here on lines of this level are left out.
    mutating func beginOverflow(_ level: Overflow, at time: Timestamp) {
        if overflow == .none { overflowSince = time }
        overflow = max(overflow, level)
    }

    /// Notes a line that there is no room for.
    mutating func drop(_ kind: EventKind, _ level: Overflow, at time: Timestamp) {
        beginOverflow(level, at: time)
        dropped[Int(kind.rawValue)] += 1
        droppedTotal[Int(kind.rawValue)] += 1
    }

    /// Books became unknown, and there is no room to say which.
    mutating func noteBreak(since: Timestamp) { brokenSince = .earliest(brokenSince, since) }

    mutating func endOverflow() {
        overflow = .none
        brokenSince = nil
        for index in dropped.indices { dropped[index] = 0 }
    }

    // MARK: Counters

    /// What a run tells of all its slow moments; nothing if there was none.
    func count(into counters: inout Counters) {
        if foldedLinesTotal > 0 { counters.set("conflated_lines", foldedLinesTotal) }
        ReaderLag.count(droppedTotal, into: &counters)
    }

    /// What was left out of the overflow that ends.
    var droppedCounters: Counters {
        var counters = Counters()
        ReaderLag.count(dropped, into: &counters)
        return counters
    }

    /// What one slow moment comes to.
    var foldedCounters: Counters {
        var counters = Counters()
        counters.set("conflated_lines", foldedLines)
        counters.set("snapshots", snapshots)
        return counters
    }

    private static func count(_ dropped: [Int64], into counters: inout Counters) {
        for kind in EventKind.allCases where dropped[Int(kind.rawValue)] > 0 {
            counters.set("dropped_\(kind.name)", dropped[Int(kind.rawValue)])
        }
    }
}

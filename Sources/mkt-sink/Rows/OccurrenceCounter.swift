import JSON
import MarketModel

/// Numbers lines that say the same: two prints of one moment, price and size are two trades where the venue gives no id.
///
/// The number counts equal lines of one feed and instrument with the same receive time, from 0. A feed stamps what it reads once, so such
/// lines follow each other; when the receive time changes, in either direction, counting starts anew. So the same input gives the same
/// numbers, and an input that is read twice in one run gives them twice. Memory is one small entry a feed and instrument, up to `sourcesMax`.
struct OccurrenceCounter: ~Copyable {
    private struct Moment {
        var received: Int64
        /// How many lines of this moment had a hash.
        var counts: [Int: Int64]

        mutating func number(of line: Int, _ received: Int64) -> Int64 {
            if received != self.received || counts.count >= OccurrenceCounter.linesMax {
                self.received = received
                counts.removeAll(keepingCapacity: true)
            }
            let number = counts[line, default: 0]
            counts[line] = number + 1
            return number
        }
    }

    /// Beyond these the counter forgets: the price of bounded memory, which no ordinary stream pays.
    private static let sourcesMax = 1 << 18
    fileprivate static let linesMax = 1 << 16

    private var moments: [Int: Moment] = [:]

    /// The number of the line whose row this is.
    mutating func number(of row: borrowing EventRow) -> Int64 {
        // A trade id tells by itself which trade it is.
        if row.kind == .trade, row.text(EventTable.tradeIDCell) != nil { return 0 }
        if moments.count >= OccurrenceCounter.sourcesMax { moments.removeAll(keepingCapacity: true) }
        let source = OccurrenceCounter.sourceHash(row)
        let line = OccurrenceCounter.lineHash(row)
        let received = row.received.micros
        return moments[source, default: Moment(received: received, counts: [:])].number(of: line, received)
    }

    private static func sourceHash(_ row: borrowing EventRow) -> Int {
        var hasher = Hasher()
        row.hash(EnvelopeCell.feed.rawValue, into: &hasher)
        row.hash(EnvelopeCell.instrument.rawValue, into: &hasher)
        return hasher.finalize()
    }

    /// Of what makes the identity of the line: its kind, connection, venue time and payload; not the label, which is for people.
    private static func lineHash(_ row: borrowing EventRow) -> Int {
        var hasher = Hasher()
        hasher.combine(row.kind)
        row.hash(EnvelopeCell.conn.rawValue, into: &hasher)
        row.hash(EnvelopeCell.venueTime.rawValue, into: &hasher)
        for index in EnvelopeCell.count..<row.count { row.hash(index, into: &hasher) }
        return hasher.finalize()
    }
}

extension EventTable {
    /// Where a trade's id stands in its row.
    static let tradeIDCell = EnvelopeCell.count + 3
}

extension EventRow {
    /// Hashes a cell so that null, a number and a text are always different.
    fileprivate func hash(_ index: Int, into hasher: inout Hasher) {
        if let text = text(index) {
            hasher.combine(text.count)
            hasher.combine(bytes: UnsafeRawBufferPointer(text))
        } else if case .integer(let value) = cell(index) {
            hasher.combine(value)
            hasher.combine(true)
        } else {
            hasher.combine(false)
        }
    }
}

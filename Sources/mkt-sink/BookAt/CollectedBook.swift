import MarketModel

/// The lines of one book that count: its last snapshot and what came behind it, given in any order.
struct CollectedBook {
    /// Of the line of the snapshot, as the label; of any before there is one.
    private(set) var market: String
    private(set) var snapshot: BookLine?
    /// nil where it tells none.
    private(set) var label: String?
    /// Unsorted.
    private var deltas: [BookLine] = []
    /// The receive time of its latest line.
    private(set) var latest = Int64.min

    init(market: String) { self.market = market }

    mutating func take(_ line: BookLine, market: String, label: String?) {
        latest = max(latest, line.received)
        if line.isDelta {
            if snapshot.map({ !line.precedes($0) }) ?? true { deltas.append(line) }
            return
        }
        // Of two that are the same event the first counts, as in databases.
        guard snapshot.map({ $0.precedes(line) }) ?? true else { return }
        snapshot = line
        (self.market, self.label) = (market, label)
        deltas.removeAll { $0.precedes(line) }
    }

    /// The book after all of it, or why nobody knows it.
    ///
    /// A break of the same microsecond as a line of the book counts behind it, since databases do not keep which came first.
    ///
    /// - Parameter broken: The first break behind the snapshot that concerns it.
    func outcome(_ broken: CollectedBreak?) -> Outcome {
        guard let snapshot else { return .unknown(BookCause(kind: .noSnapshot, received: Timestamp(micros: latest))) }
        var book = OrderBook()
        book.replace(bidsBestFirst: snapshot.bids, asksBestFirst: snapshot.asks)
        var last = snapshot
        for line in sortedDeltas() {
            if let broken, line.received > broken.received { break }
            if line.isSame(as: last) { continue }
            let received = Timestamp(micros: line.received)
            guard line.conn == last.conn else { return .unknown(BookCause(kind: .connection(line.conn), received: received)) }
            guard line.seq == last.seq &+ 1 else {
                return .unknown(BookCause(kind: .sequence(last: last.seq, next: line.seq), received: received))
            }
            for level in line.bids { book.set(.bid, level) }
            for level in line.asks { book.set(.ask, level) }
            last = line
        }
        if let broken { return .unknown(BookCause(kind: .told(state: broken.state), received: Timestamp(micros: broken.received))) }
        return .known(book, last)
    }

    enum Outcome {
        /// The book, and the line after which it was so.
        case known(OrderBook, BookLine)
        case unknown(BookCause)
    }

    /// In the order in which they count; lines that are the same event in that in which they came.
    private func sortedDeltas() -> [BookLine] {
        deltas.enumerated().sorted { one, other in
            one.element.precedes(other.element) || (!other.element.precedes(one.element) && one.offset < other.offset)
        }.map(\.element)
    }
}

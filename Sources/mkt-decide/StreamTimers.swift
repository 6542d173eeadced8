import MarketModel

/// What is to be done at moments of the stream's time: the earliest first, of equals the one that was asked for first.
struct StreamTimers<Work> {
    private struct Entry {
        let due: Timestamp
        let order: UInt64
        let work: Work

        func precedes(_ other: Entry) -> Bool { (due, order) < (other.due, other.order) }
    }

    /// A binary heap: the earliest is the first.
    private var entries: [Entry] = []
    private var added: UInt64 = 0
    /// When the next one is due; at the end of time where there is none.
    private(set) var next = Timestamp(micros: .max)

    var isEmpty: Bool { entries.isEmpty }

    mutating func add(_ work: Work, at due: Timestamp) {
        entries.append(Entry(due: due, order: added, work: work))
        added += 1
        var child = entries.count - 1
        while child > 0, entries[child].precedes(entries[(child - 1) / 2]) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
        next = entries[0].due
    }

    /// The earliest that is due by `now`; nil if none is.
    mutating func takeDue(by now: Timestamp) -> (due: Timestamp, work: Work)? {
        guard let first = entries.first, first.due <= now else { return nil }
        removeFirst()
        return (first.due, first.work)
    }

    private mutating func removeFirst() {
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count && entries[child].precedes(entries[least]) {
                least = child
            }
            if least == parent { break }
            entries.swapAt(parent, least)
            parent = least
        }
        next = entries.first?.due ?? Timestamp(micros: .max)
    }
}

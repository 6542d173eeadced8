import MarketModel

/// A line of one book: its connection is that of all lines since the book became known.
struct LineMark: MidMark {
    let seq: Int64
    let received: Timestamp
}

/// The mids of one book since it became known, for all rules that look at mids of before.
///
/// Rules that began at the same line share one history, so there is nearly always one. A rule that comes later, by a label or by other
/// parameters, has seen nothing of what was before, and gets another one.
struct BookMids: ~Copyable {
    private var first = MidHistory<LineMark>()
    private var others: UnsafeMutableBufferPointer<MidHistory<LineMark>>?
    /// The history of the rules that came last.
    private(set) var newest = 0

    deinit {
        others?.deinitialize()
        others?.deallocate()
    }

    /// By the number of a history.
    subscript(_ history: Int) -> MidHistory<LineMark> {
        @inline(__always) _read {
            if history == 0 {
                yield first
            } else {
                guard let others else { fatalError("there is one history") }
                yield others[history - 1]
            }
        }
    }

    /// All rules begin anew.
    mutating func restart() {
        first.removeAll()
        others?.deinitialize()
        others?.deallocate()
        others = nil
        newest = 0
    }

    /// Makes room for rules that begin now, beside those that look at the histories `used`.
    mutating func beginNewest(beside used: [Int]) {
        newest = (0...).first { !used.contains($0) } ?? 0
        if newest == 0 { return first.removeAll() }
        let count = others?.count ?? 0
        if newest > count { add() } else { others?[newest - 1].removeAll() }
    }

    private mutating func add() {
        let larger = UnsafeMutableBufferPointer<MidHistory<LineMark>>.allocate(capacity: (others?.count ?? 0) + 1)
        for index in larger.indices.dropLast() {
            guard let others else { break }
            larger.initializeElement(at: index, to: others.moveElement(from: index))
        }
        larger.initializeElement(at: larger.count - 1, to: MidHistory())
        others?.deallocate()
        others = larger
    }

    @inline(__always)
    mutating func take(_ doubleMid: Int64, at mark: LineMark, keptMicros: Int64) {
        first.take(doubleMid, at: mark, keptMicros: keptMicros)
        guard let others else { return }
        for index in others.indices { others[index].take(doubleMid, at: mark, keptMicros: keptMicros) }
    }
}

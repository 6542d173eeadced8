import MarketModel

/// The mids of one book within the last stretch of time: which was highest and which lowest, at constant cost a change.
///
/// Two queues hold the mids before the current one that may still be an extreme. A mid that is older and no more extreme than a later one
/// can never be one again and leaves at once, so a queue is strictly monotone and never longer than there are different mids.
struct MoveWindow: StrategyMemory {
    /// A mid that held from one change to the next.
    struct Point: Equatable {
        /// Twice the mid, in millionths.
        let doubleMid: Int64
        /// The line that made it so.
        let mark: BookMark
        /// When the next mid took its place.
        var until = Timestamp(micros: .max)
    }

    /// Falling, all above the current mid: its first is the highest.
    private var highs = Queue()
    /// Rising, all below the current mid: its first is the lowest.
    private var lows = Queue()
    private var last: Point?

    init() {}

    /// Twice the mid of now, in millionths; nil before the first.
    var current: Int64? { last?.doubleMid }

    /// Points that are kept.
    var pointCount: Int { highs.count + lows.count + (last == nil ? 0 : 1) }

    /// Takes a mid that differs from the current one, and forgets those that did not hold after `windowMicros` before it.
    mutating func add(_ doubleMid: Int64, at mark: BookMark, windowMicros: Int64) {
        // A clock that was set back: what was before cannot be set in relation to now.
        guard var before = last, mark.received >= before.mark.received else { return restart(doubleMid, at: mark) }
        before.until = mark.received
        // What was current was below all highs and above all lows; so one queue takes it, and only the other one can lose to the new one.
        if doubleMid < before.doubleMid {
            lows.removeLast { $0.doubleMid >= doubleMid }
            highs.append(before)
        } else {
            highs.removeLast { $0.doubleMid <= doubleMid }
            lows.append(before)
        }
        last = Point(doubleMid: doubleMid, mark: mark)
        let edge = mark.received.advanced(byMicros: -windowMicros)
        highs.removeFirst { $0.until <= edge }
        lows.removeFirst { $0.until <= edge }
    }

    /// Forgets all and begins with this mid.
    mutating func restart(_ doubleMid: Int64, at mark: BookMark) {
        highs.removeAll()
        lows.removeAll()
        last = Point(doubleMid: doubleMid, mark: mark)
    }

    /// The mid farthest from the current one; of two equally far the lower.
    var farthest: Point? {
        guard let last else { return nil }
        let (current, high, low) = (last.doubleMid, highs.first ?? last, lows.first ?? last)
        return high.doubleMid - current > current - low.doubleMid ? high : low
    }
}

extension MoveWindow {
    /// A queue whose first element stands in place, since most have no other, and a look at another memory costs more than all the rest.
    ///
    /// What leaves at the front of the array is left behind until half of the array is.
    private struct Queue {
        private(set) var first: Point?
        private var others: [Point] = []
        private var start = 0

        var count: Int { first == nil ? 0 : 1 + others.count - start }

        mutating func append(_ point: Point) {
            if first == nil { first = point } else { others.append(point) }
        }

        mutating func removeAll() {
            first = nil
            others.removeAll(keepingCapacity: true)
            start = 0
        }

        mutating func removeLast(while isDominated: (Point) -> Bool) {
            while others.count > start {
                guard isDominated(others[others.count - 1]) else { return }
                others.removeLast()
            }
            if let only = first, isDominated(only) { first = nil }
        }

        mutating func removeFirst(while isOver: (Point) -> Bool) {
            while let oldest = first, isOver(oldest) {
                first = start < others.count ? others[start] : nil
                if first != nil { start += 1 }
            }
            guard start > 16, start * 2 > others.count else { return }
            others.removeFirst(start)
            start = 0
        }
    }
}

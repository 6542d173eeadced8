import MarketModel

/// The mids of one book within the last stretch of time: which was highest and which lowest, at constant cost a change.
///
/// Two queues hold the mids that may still become an extreme. A mid that is older and no more extreme than a later one can never be one
/// again and leaves at once, so a queue is strictly monotone and never longer than there are different mids.
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

    /// Falling: its first is the highest mid.
    private var highs = Queue()
    /// Rising: its first is the lowest mid.
    private var lows = Queue()
    private var last: Point?

    init() {}

    /// Twice the mid of now, in millionths; nil before the first.
    var current: Int64? { last?.doubleMid }

    /// Points that are kept.
    var pointCount: Int { highs.count + lows.count }

    /// Takes a mid that differs from the current one, and forgets those that did not hold after `windowMicros` before it.
    mutating func add(_ doubleMid: Int64, at mark: BookMark, windowMicros: Int64) {
        // A clock that was set back: what was before cannot be set in relation to now.
        if let last, mark.received < last.mark.received { return restart(doubleMid, at: mark) }
        let point = Point(doubleMid: doubleMid, mark: mark)
        highs.endLast(at: mark.received)
        lows.endLast(at: mark.received)
        highs.removeLast { $0.doubleMid <= doubleMid }
        lows.removeLast { $0.doubleMid >= doubleMid }
        highs.append(point)
        lows.append(point)
        last = point
        let edge = mark.received.advanced(byMicros: -windowMicros)
        highs.removeFirst { $0.until <= edge }
        lows.removeFirst { $0.until <= edge }
    }

    /// Forgets all and begins with this mid.
    mutating func restart(_ doubleMid: Int64, at mark: BookMark) {
        let point = Point(doubleMid: doubleMid, mark: mark)
        highs.removeAll()
        lows.removeAll()
        highs.append(point)
        lows.append(point)
        last = point
    }

    /// The mid farthest from the current one; of two equally far the lower.
    var farthest: Point? {
        guard let current, let high = highs.first, let low = lows.first else { return nil }
        return high.doubleMid - current > current - low.doubleMid ? high : low
    }
}

extension MoveWindow {
    /// A queue in an array: what leaves at the front is left behind until half of the array is.
    private struct Queue {
        private var points: [Point] = []
        private var start = 0

        var count: Int { points.count - start }
        var first: Point? { start < points.count ? points[start] : nil }

        mutating func append(_ point: Point) { points.append(point) }

        mutating func removeAll() {
            points.removeAll(keepingCapacity: true)
            start = 0
        }

        mutating func endLast(at time: Timestamp) {
            if count > 0 { points[points.count - 1].until = time }
        }

        mutating func removeLast(while isDominated: (Point) -> Bool) {
            while count > 0, isDominated(points[points.count - 1]) { points.removeLast() }
        }

        mutating func removeFirst(while isOver: (Point) -> Bool) {
            while start < points.count, isOver(points[start]) { start += 1 }
            guard start > 16, start * 2 > points.count else { return }
            points.removeFirst(start)
            start = 0
        }
    }
}

import MarketModel

/// The mids of one book within the last stretch of time, for one who asks alone: which was farthest from the current one.
///
/// A rule that looks at single books has them from its `BookSlot` instead, together with others.
final class MoveWindow {
    /// A mid and the line that made it so.
    struct Point: Equatable {
        /// Twice the mid, in millionths.
        let doubleMid: Int64
        let mark: BookMark
    }

    // Unchecked: nobody but the methods below can reach it.
    @exclusivity(unchecked) private var mids = MidHistory<BookMark>()

    /// Twice the mid of now, in millionths; nil before the first.
    var current: Int64? { mids.last?.doubleMid }

    /// Points that are kept.
    var pointCount: Int { mids.pointCount }

    /// Takes a mid that differs from the current one, and forgets those that did not hold after `windowMicros` before it.
    func add(_ doubleMid: Int64, at mark: BookMark, windowMicros: Int64) { mids.take(doubleMid, at: mark, keptMicros: windowMicros) }

    /// Forgets all and begins with this mid.
    func restart(_ doubleMid: Int64, at mark: BookMark) { mids.restart(doubleMid, at: mark) }

    /// The mid farthest from the current one; of two equally far the lower.
    var farthest: Point? {
        mids.farthest(mids.start).map { Point(doubleMid: $0.doubleMid, mark: $0.mark) }
    }
}

import MarketModel

/// The mids of one book within the last stretch of time: which was highest and which lowest, at constant cost a change.
///
/// Two queues hold the mids before the current one that may still be an extreme. A mid that is older and no more extreme than a later one
/// can never be one again and leaves at once, so a queue is strictly monotone and never longer than there are different mids. That depends
/// on later mids only, so the mids of any shorter or younger stretch are the end of the same queues: one history serves all who ask for
/// one, each of which has a `MidCursor`.
struct MidHistory<Mark: MidMark>: ~Copyable {
    /// A mid and the line that made it so.
    struct Spot {
        /// Twice the mid, in millionths.
        let doubleMid: Int64
        let mark: Mark
    }

    /// Falling, all above the current mid: its first is the highest.
    private var highs = MidQueue<Mark>()
    /// Rising, all below the current mid: its first is the lowest.
    private var lows = MidQueue<Mark>()
    /// When the oldest mid of both was over, or before: no other one can have to be forgotten sooner.
    private var due = Timestamp(micros: .max)
    /// The mid of now; nil before the first.
    private(set) var last: Spot?

    init() {}

    /// Asks for the memory of the next mid.
    @inline(__always)
    func askForEnd() {
        highs.askForEnd()
        lows.askForEnd()
    }

    /// Points that are kept.
    var pointCount: Int { Int(highs.count) + Int(lows.count) + (last == nil ? 0 : 1) }

    /// Takes the mid of now, and forgets those that did not hold after `keptMicros` before it. Nothing, if it is the current one.
    mutating func take(_ doubleMid: Int64, at mark: Mark, keptMicros: Int64) {
        guard let before = last else { return restart(doubleMid, at: mark) }
        guard before.doubleMid != doubleMid else { return }
        // A clock that was set back: what was before cannot be set in relation to now.
        guard mark.received >= before.mark.received else { return restart(doubleMid, at: mark) }
        let point = MidPoint(doubleMid: before.doubleMid, mark: before.mark, until: mark.received)
        // What was current was below all highs and above all lows; so one queue takes it, and only the other one can lose to the new one.
        if doubleMid < before.doubleMid {
            lows.removeLast { $0 >= doubleMid }
            highs.append(point)
        } else {
            highs.removeLast { $0 <= doubleMid }
            lows.append(point)
        }
        last = Spot(doubleMid: doubleMid, mark: mark)
        due = min(due, point.until)
        let edge = mark.received.advanced(byMicros: -keptMicros)
        if due <= edge { forget(upTo: edge) }
    }

    private mutating func forget(upTo edge: Timestamp) {
        highs.removeFirst(upTo: edge)
        lows.removeFirst(upTo: edge)
        due = min(highs.frontUntil, lows.frontUntil)
    }

    /// Forgets all and begins with this mid.
    mutating func restart(_ doubleMid: Int64, at mark: Mark) {
        removeAll()
        last = Spot(doubleMid: doubleMid, mark: mark)
    }

    /// Forgets all.
    mutating func removeAll() {
        highs.removeAll()
        lows.removeAll()
        due = Timestamp(micros: .max)
        last = nil
    }

    // MARK: Those who ask

    /// For one who begins with the mids that are kept now.
    var start: MidCursor { MidCursor(highs: highs.front, in: highs, lows: lows.front, in: lows) }

    /// For one who begins with the mid of now.
    var now: MidCursor { MidCursor(highs: highs.end, in: highs, lows: lows.end, in: lows) }

    /// Moves to the first mids that held after `windowMicros` before the current one. Has to be asked at every change: what a cursor knows
    /// of its mids is that of one change ago, when no more than one queue lost its latest mids, or took one.
    @inline(__always)
    func advance(_ cursor: inout MidCursor, windowMicros: Int64) {
        guard let last else { return }
        let edge = last.mark.received.advanced(byMicros: -windowMicros)
        cursor.advance(highs, lows, behind: edge)
    }

    /// Twice the mid farthest from the current one, in millionths; of two equally far the lower.
    @inline(__always)
    func farthestMid(_ cursor: MidCursor) -> Int64? {
        guard let last else { return nil }
        let high = cursor.highs.doubleMid ?? last.doubleMid
        let low = cursor.lows.doubleMid ?? last.doubleMid
        return high - last.doubleMid > last.doubleMid - low ? high : low
    }

    /// The mid farthest from the current one; of two equally far the lower.
    func farthest(_ cursor: MidCursor) -> Spot? {
        guard let last, let mid = farthestMid(cursor) else { return nil }
        if mid == last.doubleMid { return last }
        return Spot(doubleMid: mid, mark: mid > last.doubleMid ? highs[cursor.highs.position].mark : lows[cursor.lows.position].mark)
    }
}

/// From where on one who asks a `MidHistory` looks at it: in each queue the first mid that counts.
///
/// What the queues say of those two stands here once more, so that who asks has no look at the rings before another one counts.
struct MidCursor: BitwiseCopyable {
    fileprivate struct Place: BitwiseCopyable {
        private static let none: Int32 = -1

        private(set) var position: UInt32 = 0
        /// Twice the mid there, in millionths: two dollars at most. `none` where none counts.
        private var mid = Place.none
        /// When it ceased to hold; the end of time where none counts.
        private var until = Timestamp(micros: .max)

        init() {}

        init<Mark>(_ position: UInt32, in queue: borrowing MidQueue<Mark>) {
            self.position = position
            guard position != queue.end else { return }
            let point = queue[position]
            mid = Int32(point.doubleMid)
            until = point.until
        }

        /// nil where the current mid is the first that counts.
        @inline(__always)
        var doubleMid: Int64? { mid == Place.none ? nil : Int64(mid) }

        /// Moves to the first mid from here on that held after `edge`.
        @inline(__always)
        mutating func advance<Mark>(behind edge: Timestamp, in queue: borrowing MidQueue<Mark>) {
            let isThere = mid == Place.none ? position == queue.end : queue.has(position)
            if !isThere || until <= edge { move(behind: edge, in: queue) }
        }

        private mutating func move<Mark>(behind edge: Timestamp, in queue: borrowing MidQueue<Mark>) {
            // What is known here of a mid that is still there need not be read again.
            var position = queue.has(position) && until <= edge ? position &+ 1 : queue.clamped(position)
            while position != queue.end, queue[position].until <= edge { position &+= 1 }
            self = Place(position, in: queue)
        }
    }

    fileprivate private(set) var highs = Place()
    fileprivate private(set) var lows = Place()

    init() {}

    fileprivate init<Mark>(highs: UInt32, in highQueue: borrowing MidQueue<Mark>, lows: UInt32, in lowQueue: borrowing MidQueue<Mark>) {
        self.highs = Place(highs, in: highQueue)
        self.lows = Place(lows, in: lowQueue)
    }

    @inline(__always)
    fileprivate mutating func advance<Mark>(
        _ highQueue: borrowing MidQueue<Mark>, _ lowQueue: borrowing MidQueue<Mark>, behind edge: Timestamp
    ) {
        highs.advance(behind: edge, in: highQueue)
        lows.advance(behind: edge, in: lowQueue)
    }
}

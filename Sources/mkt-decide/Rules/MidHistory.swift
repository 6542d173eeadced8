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
    /// The mid of now; nil before the first.
    private(set) var last: Spot?

    init() {}

    /// Asks for the memory of the oldest mids and the latest.
    @inline(__always)
    func askForEnds() {
        highs.askForEnds()
        lows.askForEnds()
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
        let edge = mark.received.advanced(byMicros: -keptMicros)
        highs.removeFirst(upTo: edge)
        lows.removeFirst(upTo: edge)
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
        last = nil
    }

    // MARK: Those who ask

    /// For one who begins with the mids that are kept now.
    var start: MidCursor { MidCursor(highs: highs.front, lows: lows.front) }

    /// For one who begins with the mid of now.
    var now: MidCursor { MidCursor(highs: highs.end, lows: lows.end) }

    /// Moves to the first mids that held after `windowMicros` before the current one. Has to be asked at every change.
    @inline(__always)
    func advance(_ cursor: inout MidCursor, windowMicros: Int64) {
        guard let last else { return }
        let edge = last.mark.received.advanced(byMicros: -windowMicros)
        cursor.highs = highs.clamped(cursor.highs)
        cursor.lows = lows.clamped(cursor.lows)
        while cursor.highs != highs.end, highs[cursor.highs].until <= edge { cursor.highs &+= 1 }
        while cursor.lows != lows.end, lows[cursor.lows].until <= edge { cursor.lows &+= 1 }
    }

    /// The mid farthest from the current one; of two equally far the lower.
    @inline(__always)
    func farthest(_ cursor: MidCursor) -> Spot? {
        guard let last else { return nil }
        let high = cursor.highs == highs.end ? last.doubleMid : highs[cursor.highs].doubleMid
        let low = cursor.lows == lows.end ? last.doubleMid : lows[cursor.lows].doubleMid
        if high - last.doubleMid > last.doubleMid - low {
            return Spot(doubleMid: high, mark: highs[cursor.highs].mark)
        }
        return low == last.doubleMid ? last : Spot(doubleMid: low, mark: lows[cursor.lows].mark)
    }
}

/// From where on one who asks a `MidHistory` looks at it.
struct MidCursor: BitwiseCopyable {
    fileprivate(set) var highs: UInt32 = 0
    fileprivate(set) var lows: UInt32 = 0
}

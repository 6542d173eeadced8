import JSON
import MarketModel

/// The line of a book at which a mid began.
protocol MidMark: BitwiseCopyable {
    var received: Timestamp { get }
}

extension BookMark: MidMark {}

/// A mid that held from one change to the next.
struct MidPoint<Mark: MidMark>: BitwiseCopyable {
    /// Twice the mid, in millionths.
    let doubleMid: Int64
    /// The line that made it so.
    let mark: Mark
    /// When the next mid took its place.
    let until: Timestamp
}

/// Mids that may still be an extreme, the oldest first: a ring that is as large as it has to be.
///
/// Each has a position, which it keeps as long as it is there; one that was taken away at the end gives its position to the next one.
/// Positions count on beyond 32 bits by beginning anew: only their distances count.
struct MidQueue<Mark: MidMark>: ~Copyable {
    typealias Point = MidPoint<Mark>

    private static var capacityMin: UInt32 { 4 }

    private var base: UnsafeMutablePointer<Point>?
    /// The position of the oldest.
    private(set) var front: UInt32
    /// The position behind the latest.
    private(set) var end: UInt32
    /// A power of two; 0 as long as there is no memory.
    private(set) var capacity: UInt32 = 0
    /// The `doubleMid` of the latest, here once more: a mid that is no more extreme has no look at the ring, which is far.
    private var latestMid: Int32 = 0

    /// - Parameter position: Of the first one.
    init(from position: UInt32 = 0) { (front, end) = (position, position) }

    deinit { base?.deallocate() }

    @inline(__always)
    var count: UInt32 { end &- front }

    /// Asks for the memory of the next, and of the two before it: a mid that is no more extreme leaves, and then the one before it is looked
    /// at.
    @inline(__always)
    func askForEnd() {
        guard let base else { return }
        let first = base + Int((end &- 2) & (capacity &- 1))
        NearMemory.ask(for: first, 3 * MemoryLayout<Point>.stride)
    }

    /// When the mid after the oldest took its place; the end of time where there is none.
    var frontUntil: Timestamp { front == end ? Timestamp(micros: .max) : point(front).pointee.until }

    /// Whether a mid is at a position.
    @inline(__always)
    func has(_ position: UInt32) -> Bool { position &- front < count }

    @inline(__always)
    subscript(position: UInt32) -> Point { point(position).pointee }

    @inline(__always)
    private func point(_ position: UInt32) -> UnsafeMutablePointer<Point> {
        guard let base, has(position) else { fatalError("no mid is at this position") }
        return base + Int(position & (capacity &- 1))
    }

    /// Whatever a position was, one from the oldest up to behind the latest.
    @inline(__always)
    func clamped(_ position: UInt32) -> UInt32 {
        let distance = Int32(bitPattern: position &- front)
        return distance <= 0 ? front : front &+ min(UInt32(distance), count)
    }

    mutating func append(_ point: Point) {
        if count == capacity { resize(max(MidQueue.capacityMin, capacity * 2)) }
        latestMid = Int32(point.doubleMid)
        end &+= 1
        self.point(end &- 1).initialize(to: point)
    }

    @inline(__always)
    mutating func removeLast(while isDominated: (Int64) -> Bool) {
        guard front != end, isDominated(Int64(latestMid)) else { return }
        repeat {
            end &-= 1
            guard front != end else { return }
            latestMid = Int32(point(end &- 1).pointee.doubleMid)
        } while isDominated(Int64(latestMid))
    }

    /// Forgets those that did not hold after `edge`; what the ring needs no more goes back.
    mutating func removeFirst(upTo edge: Timestamp) {
        while front != end, point(front).pointee.until <= edge { front &+= 1 }
        if capacity > MidQueue.capacityMin, count <= capacity / 4 { resize(capacity / 2) }
    }

    /// Forgets all; no position comes a second time.
    mutating func removeAll() {
        front = end
        if capacity > MidQueue.capacityMin { resize(0) }
    }

    private mutating func resize(_ newCapacity: UInt32) {
        let old = base
        let fresh = newCapacity > 0 ? UnsafeMutablePointer<Point>.allocate(capacity: Int(newCapacity)) : nil
        var position = front
        while position != end {
            if let fresh { (fresh + Int(position & (newCapacity &- 1))).initialize(to: point(position).pointee) }
            position &+= 1
        }
        base = fresh
        capacity = newCapacity
        old?.deallocate()
    }
}

import JSON
import MarketModel

/// What all rules remember of one book, in one piece of memory: a line of a book touches few places.
///
/// The memories of the rules come first, then the mids of before, the rules' charges, and what is seldom asked for.
struct BookMemory: ~Copyable {
    typealias History = MidHistory<LineMark>

    private struct Tail: ~Copyable {
        var laterMids = LaterMids()
        /// The history of the rules that came last.
        var newest = 0
        /// What a database says of the instrument.
        var reference: InstrumentReference?

        init(_ reference: InstrumentReference?) { self.reference = reference }
    }

    let plan: WatchPlan
    private let base: UnsafeMutableRawPointer
    /// The memory is somebody else's and goes back with him.
    private let isBorrowed: Bool
    /// Whether there is more than one history; asked at every mid, so it stands here.
    private var hasLaterMids = false

    /// - Parameters:
    ///   - assignments: All of the instrument.
    ///   - room: At the beginning of a line of the processor's cache, `byteCount` bytes, as long as the memory is; nil for memory of its own.
    init(_ plan: WatchPlan, _ assignments: [Assignment], _ reference: InstrumentReference?, in room: UnsafeMutableRawPointer? = nil) {
        self.plan = plan
        let tailOffset = BookMemory.tailOffset(plan)
        let count = plan.watches.count
        base = room ?? .allocate(byteCount: BookMemory.byteCount(plan), alignment: BookTable.lineBytes)
        isBorrowed = room != nil
        for watch in plan.watches { watch.type.beginMemory(base + watch.offset) }
        (base + plan.byteCount).bindMemory(to: History.self, capacity: 1).initialize(to: History())
        (base + tailOffset).bindMemory(to: Tail.self, capacity: 1).initialize(to: Tail(reference))
        let charges = (base + BookMemory.assignmentsOffset(plan)).bindMemory(to: Assignment.self, capacity: count)
        for (index, watch) in plan.watches.enumerated() { (charges + index).initialize(to: assignments[watch.place]) }
        take(reference)
    }

    deinit {
        for watch in plan.watches { watch.type.endMemory(base + watch.offset) }
        first.deinitialize(count: 1)
        tail.deinitialize(count: 1)
        assignments.deinitialize(count: plan.watches.count)
        if !isBorrowed { base.deallocate() }
    }

    static func byteCount(_ plan: WatchPlan) -> Int { tailOffset(plan) + MemoryLayout<Tail>.size }

    private static func tailOffset(_ plan: WatchPlan) -> Int {
        WatchPlan.aligned(
            assignmentsOffset(plan) + plan.watches.count * MemoryLayout<Assignment>.stride, MemoryLayout<Tail>.alignment)
    }

    @inline(__always)
    private var first: UnsafeMutablePointer<History> { (base + plan.byteCount).assumingMemoryBound(to: History.self) }

    private var tail: UnsafeMutablePointer<Tail> { (base + BookMemory.tailOffset(plan)).assumingMemoryBound(to: Tail.self) }

    private static func assignmentsOffset(_ plan: WatchPlan) -> Int {
        WatchPlan.aligned(plan.byteCount + MemoryLayout<History>.size, MemoryLayout<Assignment>.alignment)
    }

    /// The rules in charge, in the order of the plan. They stand here once more, so that a decision finds its rule's in one step.
    private var assignments: UnsafeMutablePointer<Assignment> {
        (base + BookMemory.assignmentsOffset(plan)).assumingMemoryBound(to: Assignment.self)
    }

    /// The rule in charge, by its place in the plan.
    @inline(__always)
    func assignment(_ watch: Int) -> Assignment { assignments[watch] }

    /// The memory of a rule, by its place in the plan.
    @inline(__always)
    subscript(_ watch: Int) -> UnsafeMutableRawPointer { base + plan.watches[watch].offset }

    /// Asks for what the memory points to.
    @inline(__always)
    func askForMids() {
        if plan.keptMidsMicros != nil { first.pointee.askForEnd() }
    }

    // MARK: Mids

    /// The history of the rules that came last.
    var newest: Int { tail.pointee.newest }

    /// The mids of before, as those rules have seen them that remember this number. Valid until the rules change.
    @inline(__always)
    func history(_ number: Int) -> UnsafeMutablePointer<History> {
        number == 0 ? first : tail.pointee.laterMids.history(number - 1)
    }

    /// Takes the mid of now.
    @inline(__always)
    func take(mid doubleMid: Int64, at mark: BookMark, keptMicros: Int64) {
        first.pointee.take(doubleMid, at: LineMark(mark), keptMicros: keptMicros)
        if hasLaterMids { takeLate(doubleMid, at: mark, keptMicros: keptMicros) }
    }

    private func takeLate(_ doubleMid: Int64, at mark: BookMark, keptMicros: Int64) {
        for index in 0..<tail.pointee.laterMids.count {
            tail.pointee.laterMids.history(index).pointee.take(doubleMid, at: LineMark(mark), keptMicros: keptMicros)
        }
    }

    // MARK: Changes

    /// What is remembered goes on for the rules that `old` has, too, but for those that say another thing now.
    mutating func takeOver(from old: borrowing BookMemory, but changed: Set<Int>) {
        for (index, watch) in plan.watches.enumerated() where !changed.contains(watch.ruleIndex) {
            guard let before = old.plan.watches.firstIndex(where: { $0.ruleIndex == watch.ruleIndex }) else { continue }
            watch.type.swapMemories(self[index], old[before])
        }
        swap(&first.pointee, &old.first.pointee)
        swap(&tail.pointee.laterMids, &old.tail.pointee.laterMids)
        hasLaterMids = old.hasLaterMids
    }

    /// Takes what a database says of the instrument from now on.
    func take(_ reference: InstrumentReference?) {
        tail.pointee.reference = reference
        for watch in plan.watches { watch.type.takeReference(reference, base + watch.offset) }
    }

    /// The book was unknown: what happened unseen shall look like nothing at all.
    mutating func restart() {
        let reference = tail.pointee.reference
        for watch in plan.watches {
            watch.type.restartMemory(base + watch.offset)
            watch.type.takeReference(reference, base + watch.offset)
        }
        first.pointee.removeAll()
        tail.pointee.laterMids = LaterMids()
        hasLaterMids = false
        tail.pointee.newest = 0
    }

    /// Rules may have come that have not seen the book: they get the first history that nobody looks at.
    mutating func beginNewest() {
        let used = plan.watches.filter(\.usesMids).map { $0.type.history(base + $0.offset) }
        guard used.contains(nil), let newest = (0...used.count).first(where: { !used.contains($0) }) else { return }
        if newest > tail.pointee.laterMids.count { tail.pointee.laterMids.add() }
        hasLaterMids = tail.pointee.laterMids.count > 0
        history(newest).pointee.removeAll()
        tail.pointee.newest = newest
    }
}

import MarketModel

/// What all rules remember of one book, in one piece of memory: a line of a book touches few places.
struct BookMemory: ~Copyable {
    /// What stands behind the memories of the rules.
    private struct Tail: ~Copyable {
        var mids = BookMids()
        /// What a database says of the instrument.
        var reference: InstrumentReference?
    }

    let plan: WatchPlan
    private let base: UnsafeMutableRawPointer

    init(_ plan: WatchPlan, _ reference: InstrumentReference?) {
        self.plan = plan
        let offset = BookMemory.tailOffset(plan)
        base = .allocate(byteCount: offset + MemoryLayout<Tail>.size, alignment: BookTable.lineBytes)
        for watch in plan.watches { watch.kind.begin(base + watch.offset) }
        (base + offset).bindMemory(to: Tail.self, capacity: 1).initialize(to: Tail(reference: reference))
        take(reference)
    }

    deinit {
        for watch in plan.watches { watch.kind.end(base + watch.offset) }
        tail.deinitialize(count: 1)
        base.deallocate()
    }

    private static func tailOffset(_ plan: WatchPlan) -> Int { WatchPlan.aligned(plan.byteCount, MemoryLayout<Tail>.alignment) }

    @inline(__always)
    private var tail: UnsafeMutablePointer<Tail> {
        (base + BookMemory.tailOffset(plan)).assumingMemoryBound(to: Tail.self)
    }

    /// The memory of a rule, by its place in the plan.
    @inline(__always)
    subscript(_ watch: Int) -> UnsafeMutableRawPointer { base + plan.watches[watch].offset }

    /// Mids of before.
    var mids: BookMids {
        @inline(__always) _read { yield tail.pointee.mids }
    }

    // MARK: Changes

    /// What is remembered goes on for the rules that `old` has, too, but for those that say another thing now.
    mutating func takeOver(from old: borrowing BookMemory, but changed: Set<Int>) {
        for (index, watch) in plan.watches.enumerated() where !changed.contains(watch.ruleIndex) {
            guard let before = old.plan.watches.firstIndex(where: { $0.ruleIndex == watch.ruleIndex }) else { continue }
            watch.kind.swap(self[index], old[before])
        }
        swap(&tail.pointee.mids, &old.tail.pointee.mids)
    }

    /// Takes what a database says of the instrument from now on.
    mutating func take(_ reference: InstrumentReference?) {
        tail.pointee.reference = reference
        for (index, watch) in plan.watches.enumerated() { watch.kind.take(self[index], reference) }
    }

    /// The book was unknown: what happened unseen shall look like nothing at all.
    mutating func restart() {
        let reference = tail.pointee.reference
        for (index, watch) in plan.watches.enumerated() {
            watch.kind.restart(self[index])
            watch.kind.take(self[index], reference)
        }
        tail.pointee.mids.restart()
    }

    /// Rules may have come that have not seen the book.
    mutating func beginNewest() {
        let histories = plan.watches.indices.filter { plan.watches[$0].usesMids }.map { plan.watches[$0].kind.history(self[$0]) }
        guard histories.contains(nil) else { return }
        tail.pointee.mids.beginNewest(beside: histories.compactMap(\.self))
    }

    /// Takes the mid of now.
    @inline(__always)
    mutating func take(mid doubleMid: Int64, at mark: BookMark, keptMicros: Int64) {
        tail.pointee.mids.take(doubleMid, at: LineMark(seq: mark.seq, received: mark.received), keptMicros: keptMicros)
    }
}

/// The rules that look at a book, and how the memory of one is laid out for them. Books of instruments with the same rules share one.
final class WatchPlan {
    /// In the order of the rules.
    let watches: UnsafeMutableBufferPointer<BookWatch>
    /// Of all memories of a book, one behind the other, up to where anything may follow.
    let byteCount: Int
    /// A watch looks at every line.
    let looksDeep: Bool
    /// How long mids are kept; nil where no rule looks at mids of before.
    let keptMidsMicros: Int64?

    /// - Parameter rules: Of an instrument, those that look at no books too; the place of each among all and what it looks for.
    init(_ rules: [(index: Int, strategy: any Strategy)]) {
        var watches: [BookWatch] = []
        var byteCount = 0
        var keptMidsMicros: [Int64] = []
        for (place, rule) in rules.enumerated() {
            guard let strategy = rule.strategy as? any BookStrategy else { continue }
            let watch = BookWatch(strategy, ruleIndex: rule.index, place: place, behind: byteCount)
            byteCount = watch.offset + watch.type.memoryByteCount
            watches.append(watch)
            if let micros = strategy.keptMidsMicros { keptMidsMicros.append(micros) }
        }
        self.byteCount = WatchPlan.aligned(byteCount, MemoryLayout<BookMemory.History>.alignment)
        looksDeep = watches.contains(where: \.looksDeep)
        self.keptMidsMicros = keptMidsMicros.max()
        self.watches = .allocate(capacity: watches.count)
        _ = self.watches.initialize(fromContentsOf: watches)
    }

    deinit {
        for watch in watches { watch.end() }
        watches.deallocate()
    }

    static func aligned(_ offset: Int, _ alignment: Int) -> Int { (offset + alignment - 1) & -alignment }
}

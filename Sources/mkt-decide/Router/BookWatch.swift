/// A rule at work on books: one for all books that have the same rules.
struct BookWatch {
    let strategy: any BookStrategy
    let kind: MemoryKind
    /// Where its memory begins in that of a book.
    let offset: Int
    /// The place of the rule among all.
    let ruleIndex: Int
    /// The place of the rule among those of the instrument.
    let place: Int
    /// Whether it looks behind the best levels, so that every line of the book is worth a look.
    let looksDeep: Bool
    /// Whether it looks at mids of before.
    let usesMids: Bool

    init(_ strategy: any BookStrategy, ruleIndex: Int, place: Int, behind byteCount: Int) {
        self.strategy = strategy
        self.ruleIndex = ruleIndex
        self.place = place
        kind = type(of: strategy).memoryKind
        offset = WatchPlan.aligned(byteCount, kind.alignment)
        looksDeep = type(of: strategy).looksDeep
        usesMids = strategy.keptMidsMicros != nil
    }
}

/// A rule at work on books: one for all books that have the same rules.
struct BookWatch {
    /// Of the strategy: what it does is asked of its type, and what it says stands at one place, so that a look counts no references.
    let type: any BookStrategy.Type
    let strategy: UnsafeMutableRawPointer
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

    /// - Parameter byteCount: Of the memories before its own.
    init(_ strategy: any BookStrategy, ruleIndex: Int, place: Int, behind byteCount: Int) {
        type = Swift.type(of: strategy)
        self.strategy = strategy.kept()
        self.ruleIndex = ruleIndex
        self.place = place
        offset = WatchPlan.aligned(byteCount, type.memoryAlignment)
        looksDeep = type.looksDeep
        usesMids = strategy.keptMidsMicros != nil
    }

    func end() { type.end(strategy) }
}

/// What an event has done to books, told in as few lines as may be.
struct SwitchOutcome {
    /// The same has been done to these books for the same reason.
    struct Change {
        let venue: String
        /// Where they are shown from; nil: from nowhere any more.
        let source: Int?
        let words: String
        let since: Int64?
        var books: [Int]
    }

    private(set) var changes: [Change] = []

    var isEmpty: Bool { changes.isEmpty }

    mutating func add(_ book: Int, venue: String, source: Int?, _ cause: SwitchCause?) {
        let (words, since) = (cause?.words ?? "", source == nil ? cause?.since : nil)
        let same = changes.lastIndex { $0.source == source && $0.since == since && $0.words == words && $0.venue == venue }
        guard let same else {
            return changes.append(Change(venue: venue, source: source, words: words, since: since, books: [book]))
        }
        changes[same].books.append(book)
    }
}

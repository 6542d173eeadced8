/// The words of a statement as numbers in rising order, so that two statements are compared in one walk over both.
struct WordBag {
    private struct Entry {
        let number: Int32
        let weight: Int64
        /// A name, or a party.
        let isNaming: Bool
    }

    private let entries: [Entry]
    private let weight: Int64
    /// Offices, parties, directions: of each kind that both have, they must have the same.
    private let kinds: [[Int32]]

    /// - Parameter numbers: Of every word that stands in any statement.
    init(_ statement: Statement, _ numbers: [String: Int32], _ weights: WordWeights) {
        entries = statement.words.map { word in
            Entry(
                number: numbers[word.text] ?? -1, weight: weights[word],
                isNaming: word.isName || WordList.parties.contains(word.text))
        }.sorted { $0.number < $1.number }
        weight = entries.reduce(0) { $0 + $1.weight }
        kinds = [WordList.offices, WordList.parties, WordList.directions].map { kind in
            statement.words.filter { kind.contains($0.text) }.compactMap { numbers[$0.text] }.sorted()
        }
    }

    /// What two statements share.
    struct Likeness {
        /// The weight of the words of the left one that stand on the right too.
        var matched: Int64 = 0
        /// The weight of the words of both.
        var all: Int64 = 0
        var namesOnLeftOnly = 0
        var namesOnRightOnly = 0
        var sharesName = false
    }

    /// nil where they share nothing, or contradict each other.
    func likeness(_ other: WordBag) -> Likeness? {
        for (mine, theirs) in zip(kinds, other.kinds) where !mine.isEmpty && !theirs.isEmpty && mine != theirs { return nil }
        var likeness = Likeness(all: weight + other.weight)
        var (left, right) = (0, 0)
        while left < entries.count || right < other.entries.count {
            let mine = left < entries.count ? entries[left].number : .max
            let theirs = right < other.entries.count ? other.entries[right].number : .max
            if mine == theirs {
                likeness.matched += entries[left].weight
                if entries[left].isNaming { likeness.sharesName = true }
            } else if mine < theirs, entries[left].isNaming {
                likeness.namesOnLeftOnly += 1
            } else if theirs < mine, other.entries[right].isNaming {
                likeness.namesOnRightOnly += 1
            }
            if mine <= theirs { left += 1 }
            if theirs <= mine { right += 1 }
        }
        return likeness.matched > 0 ? likeness : nil
    }
}

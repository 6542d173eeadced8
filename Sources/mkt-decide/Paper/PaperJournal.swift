/// Which instruments' books or facts have changed, so that an account looks again only at what may be worth another thing.
struct PaperJournal {
    /// So many changes are kept; who was away for longer looks at all again.
    private static let kept = 1 << 16

    /// How far a reader has come.
    struct Place: Equatable {
        fileprivate var count: Int
        fileprivate var upheavals: Int
    }

    private var entries: [Int32] = []
    /// Changes that are kept no more.
    private var dropped = 0
    private var upheavals = 0

    var end: Place { Place(count: dropped + entries.count, upheavals: upheavals) }

    mutating func note(_ instrument: Int) {
        if entries.count == 2 * PaperJournal.kept {
            entries.removeFirst(PaperJournal.kept)
            dropped += PaperJournal.kept
        }
        // One line after the other of the same book is one change.
        if entries.last != Int32(instrument) { entries.append(Int32(instrument)) }
    }

    /// Many have changed at once.
    mutating func noteAll() { upheavals += 1 }

    /// What has changed since a place; nil for anything, or for more than `most`.
    func changes(since place: Place, most: Int) -> ArraySlice<Int32>? {
        // The last entry may have been noted again since it was read.
        let first = max(place.count - 1, 0)
        guard place.upheavals == upheavals, first >= dropped, dropped + entries.count - first <= most else { return nil }
        return entries[(first - dropped)...]
    }
}

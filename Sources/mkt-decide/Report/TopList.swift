/// The few entries with the highest rank; of equals those that came first.
struct TopList<Rank: Comparable, Entry> {
    let countMax: Int
    /// The highest first.
    private(set) var entries: [(rank: Rank, entry: Entry)] = []

    init(countMax: Int) { self.countMax = countMax }

    /// Whether an entry of this rank would be kept, so that others need not be made.
    func admits(_ rank: Rank) -> Bool {
        guard entries.count >= countMax, let last = entries.last else { return true }
        return rank > last.rank
    }

    mutating func insert(_ entry: Entry, _ rank: Rank) {
        guard admits(rank) else { return }
        let place = entries.firstIndex { $0.rank < rank } ?? entries.count
        entries.insert((rank, entry), at: place)
        if entries.count > countMax { entries.removeLast() }
    }
}

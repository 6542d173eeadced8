/// Which markets go over which socket: one group for all as long as the venue takes them, each carried by one slot, or by two under
/// `--redundant 2`.
///
/// The first group also carries what names no markets (lifecycle, own channels), so it is never given up.
struct KalshiSlots {
    struct Group {
        fileprivate(set) var slots: [Int]
        /// In the order in which they were added.
        fileprivate(set) var tickers: [String]
        fileprivate(set) var tickersMax: Int
    }

    /// Markets that one slot gains or loses.
    struct Change: Equatable {
        let slot: Int
        let tickers: [String]
    }

    private let redundancy: Int
    /// Lowered to what the venue was found to take.
    private var tickersMax: Int
    private(set) var groups: [Group] = []
    private var groupOfTicker: [String: Int] = [:]

    init(redundancy: Int, tickersMax: Int) {
        self.redundancy = redundancy
        self.tickersMax = tickersMax
    }

    var tickerCount: Int { groupOfTicker.count }

    func contains(_ ticker: String) -> Bool { groupOfTicker[ticker] != nil }

    /// The markets of a slot.
    func tickers(ofSlot slot: Int) -> [String] { groups.first { $0.slots.contains(slot) }?.tickers ?? [] }

    /// Whether the slot carries what names no markets.
    func isFirst(slot: Int) -> Bool { groups.first?.slots.contains(slot) ?? false }

    /// Makes the first group, before any market is known.
    mutating func begin(addSlot: () -> Int) {
        guard groups.isEmpty else { return }
        _ = newGroup(addSlot)
    }

    /// Adds markets; those that are there already are passed over. Gives what each slot gains.
    mutating func add(_ tickers: [String], besides avoided: Int? = nil, addSlot: () -> Int) -> [Change] {
        var gains: [Int: [String]] = [:]
        for ticker in tickers where groupOfTicker[ticker] == nil {
            let index =
                groups.indices.first { $0 != avoided && !groups[$0].slots.isEmpty && groups[$0].tickers.count < groups[$0].tickersMax }
                ?? newGroup(addSlot)
            groups[index].tickers.append(ticker)
            groupOfTicker[ticker] = index
            gains[index, default: []].append(ticker)
        }
        return gains.keys.sorted().flatMap { index in
            groups[index].slots.map { Change(slot: $0, tickers: gains[index] ?? []) }
        }
    }

    private mutating func newGroup(_ addSlot: () -> Int) -> Int {
        groups.append(Group(slots: (0..<redundancy).map { _ in addSlot() }, tickers: [], tickersMax: tickersMax))
        return groups.count - 1
    }

    /// Removes markets. Gives what each slot loses, and the slots that have nothing left.
    mutating func remove(_ tickers: [String]) -> (changes: [Change], emptied: [Int]) {
        var lost: [Int: [String]] = [:]
        for ticker in tickers {
            guard let index = groupOfTicker.removeValue(forKey: ticker) else { continue }
            lost[index, default: []].append(ticker)
        }
        var changes: [Change] = []
        var emptied: [Int] = []
        for index in lost.keys.sorted() {
            let gone = Set(lost[index] ?? [])
            groups[index].tickers.removeAll { gone.contains($0) }
            changes += groups[index].slots.map { Change(slot: $0, tickers: lost[index] ?? []) }
            guard index > 0, groups[index].tickers.isEmpty else { continue }
            emptied += groups[index].slots
            groups[index].slots = []
        }
        return (changes, emptied)
    }

    /// The venue takes no more markets on a slot (error 26): these go to other sockets, and no more are put here.
    ///
    /// Gives what the other slots of the group lose with them, and what others gain.
    mutating func overflow(slot: Int, _ tickers: [String], addSlot: () -> Int) -> (losses: [Change], gains: [Change]) {
        guard let index = groups.firstIndex(where: { $0.slots.contains(slot) }) else { return ([], []) }
        let own = tickers.filter { groupOfTicker[$0] == index }
        guard !own.isEmpty else { return ([], []) }
        let losses = remove(own).changes
        groups[index].tickersMax = groups[index].tickers.count
        tickersMax = max(1, min(tickersMax, groups[index].tickersMax))
        return (losses, add(own, besides: index, addSlot: addSlot))
    }
}

/// Which tokens go over which socket: groups of at most 400, each carried by one slot, or by two under `--redundant 2`.
///
/// Above some 500 tokens a socket the venue silently leaves the initial books out (dossier §1.2).
struct PolymarketSlots {
    static let tokensMax = 400
    /// A group that the venue calls a slow consumer is cut in halves down to this.
    static let tokensMin = 25

    struct Group {
        fileprivate(set) var slots: [Int]
        /// In the order in which they were added.
        fileprivate(set) var tokens: [String]
        fileprivate(set) var tokensMax: Int
    }

    /// Tokens that one slot gains or loses.
    struct Change: Equatable {
        let slot: Int
        let tokens: [String]
    }

    private let redundancy: Int
    private(set) var groups: [Group] = []
    private var groupOfToken: [String: Int] = [:]

    init(redundancy: Int) {
        self.redundancy = redundancy
    }

    /// Whether any socket is wanted.
    var hasSlots: Bool { groups.contains { !$0.slots.isEmpty } }

    var tokenCount: Int { groupOfToken.count }

    func contains(_ token: String) -> Bool { groupOfToken[token] != nil }

    /// Every token, group by group.
    var tokens: [String] { groups.flatMap(\.tokens) }

    /// The tokens of a slot.
    func tokens(ofSlot slot: Int) -> [String] { groups.first { $0.slots.contains(slot) }?.tokens ?? [] }

    /// Adds tokens that belong together; those that are there already are passed over. Gives what each slot gains.
    mutating func add(_ tokens: [String], besides avoided: Int? = nil, addSlot: () -> Int) -> [Change] {
        var fresh: [String] = []
        for token in tokens where groupOfToken[token] == nil && !fresh.contains(token) { fresh.append(token) }
        guard !fresh.isEmpty else { return [] }
        let index =
            groups.indices.first {
                $0 != avoided && !groups[$0].slots.isEmpty && groups[$0].tokens.count + fresh.count <= groups[$0].tokensMax
            }
            ?? newGroup(addSlot)
        groups[index].tokens += fresh
        for token in fresh { groupOfToken[token] = index }
        return groups[index].slots.map { Change(slot: $0, tokens: fresh) }
    }

    private mutating func newGroup(_ addSlot: () -> Int) -> Int {
        groups.append(Group(slots: (0..<redundancy).map { _ in addSlot() }, tokens: [], tokensMax: PolymarketSlots.tokensMax))
        return groups.count - 1
    }

    /// A group without tokens yet, for a socket that hears of new markets.
    mutating func addEmpty(_ addSlot: () -> Int) -> [Int] { groups[newGroup(addSlot)].slots }

    /// Removes tokens. Gives what each slot loses, and the slots that have nothing left.
    mutating func remove(_ tokens: [String]) -> (changes: [Change], emptied: [Int]) {
        var lost: [Int: [String]] = [:]
        for token in tokens {
            guard let index = groupOfToken.removeValue(forKey: token) else { continue }
            groups[index].tokens.removeAll { $0 == token }
            lost[index, default: []].append(token)
        }
        var changes: [Change] = []
        var emptied: [Int] = []
        for index in lost.keys.sorted() {
            changes += groups[index].slots.map { Change(slot: $0, tokens: lost[index] ?? []) }
            guard groups[index].tokens.isEmpty else { continue }
            emptied += groups[index].slots
            groups[index].slots = []
        }
        return (changes, emptied)
    }

    /// Moves a token to a socket of another group, a fresh one if none has room. Gives what slots lose and gain.
    mutating func move(_ token: String, addSlot: () -> Int) -> (losses: [Change], gains: [Change], emptied: [Int]) {
        guard let old = groupOfToken[token] else { return ([], [], []) }
        let (losses, emptied) = remove([token])
        return (losses, add([token], besides: old, addSlot: addSlot), emptied)
    }

    /// The group of a slot gets half its room, and the tokens beyond it are to be carried elsewhere. Gives those; empty if it is small.
    mutating func halve(slot: Int) -> [String] {
        guard let index = groups.firstIndex(where: { $0.slots.contains(slot) }), groups[index].tokens.count > PolymarketSlots.tokensMin
        else {
            return []
        }
        let keep = max(PolymarketSlots.tokensMin, groups[index].tokens.count / 2)
        groups[index].tokensMax = keep
        return Array(groups[index].tokens[keep...])
    }
}

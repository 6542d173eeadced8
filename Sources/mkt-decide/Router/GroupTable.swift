/// Which rules look at several instruments at once, and the groups that they have found so far.
///
/// Nothing here runs for a line of a book: groups change when an instrument is first seen or tells something of itself.
struct GroupTable {
    /// The two ends of a market, by their numbers.
    struct Pair: Hashable {
        let rule: Int
        let first: Int
        let second: Int
    }

    struct EventSet: Hashable {
        let rule: Int
        let event: Event
    }

    struct Event: Hashable {
        let venue: String
        let event: String
    }

    struct LinkOfRule: Hashable {
        let rule: Int
        let link: Int
    }

    /// A rule of this kind.
    struct Entry {
        let rule: Int
        let source: GroupSource
        let task: GroupTask
    }

    struct SettledOfRule: Hashable {
        let rule: Int
        let instrument: Int
    }

    private(set) var entries: [Entry]
    private(set) var links: [Link]
    /// The links of an instrument and the end that it is.
    private(set) var linksByEnd: [Link.End: [(link: Int, place: Int)]]
    var pairs: [Pair: BasketWatch] = [:]
    var sets: [EventSet: BasketWatch] = [:]
    var linkWatches: [LinkOfRule: GroupWatch] = [:]
    var settledWatches: [SettledOfRule: BasketWatch] = [:]
    /// The instruments of events that rules ask for.
    var instrumentsByEvent: [Event: Set<Int>] = [:]

    init(_ rules: RuleSet, _ links: LinkSet) {
        entries = []
        self.links = []
        linksByEnd = [:]
        take(rules)
        take(links)
    }

    mutating func take(_ rules: RuleSet) {
        entries = rules.rules.enumerated().compactMap { index, rule in
            (rule.strategy as? any GroupStrategy).map { Entry(rule: index, source: $0.source, task: $0.task) }
        }
    }

    /// Takes links; the watches of those before are gone.
    mutating func take(_ links: LinkSet) {
        self.links = links.approved
        linkWatches = [:]
        linksByEnd = [:]
        for (index, link) in links.approved.enumerated() {
            for (place, end) in link.ends.enumerated() { linksByEnd[end, default: []].append((index, place)) }
        }
    }

    var isEmpty: Bool { entries.isEmpty }

    /// Whether any rule asks for settlement prices.
    var asksForSettlements: Bool {
        entries.contains { entry in
            if case .settled = entry.source { return true }
            return false
        }
    }

    /// Whether any rule may ever look at the books of an instrument.
    func follows(venue: String, instrument: String) -> Bool {
        entries.contains { entry in
            entry.source != .links || linksByEnd[Link.End(venue: venue, instrument: instrument)] != nil
        }
    }

    /// Every group that was met.
    var watches: [GroupWatch] { Array(pairs.values) + Array(sets.values) + Array(linkWatches.values) + Array(settledWatches.values) }
}

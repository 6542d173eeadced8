import MarketModel

/// A rule at work on several instruments that it looks at together: a link, the outcomes of a market, those of an event; or on one whose
/// worth is known.
class GroupWatch {
    struct Member {
        /// The number of the instrument; -1 as long as it was never seen.
        var instrument: Int
        /// How its venue rounds; nil where nobody said.
        var rounding: FeeRounding?
    }

    enum Survey: Equatable {
        /// No book of it may be used now, or nobody asks.
        case nothing
        /// It is worth a look.
        case usable
        /// Its link has looked inverted for long: from now on it is held.
        case held
    }

    let assignment: Assignment
    /// The place among the groups of its rule, where an instrument is in several.
    var rank: Int
    /// For decisions about the group itself; nil if it is no link.
    let link: Link?
    // Unchecked: only the engine and the router call in, one call at a time, and checks would cost more than a look.
    /// In the order of legs.
    @exclusivity(unchecked) private(set) var members: [Member] = []
    /// Whether all is known that makes it a group.
    @exclusivity(unchecked) var isComplete = false
    /// Whether one of its instruments is in the scope of the rule.
    @exclusivity(unchecked) var isInScope = false
    /// By member: the book that counts now.
    @exclusivity(unchecked) private(set) var books: [Int] = []
    @exclusivity(unchecked) private var linkGuard: LinkGuard?

    init(_ assignment: Assignment, link: Link? = nil, rank: Int = 0) {
        self.assignment = assignment
        self.link = link
        self.rank = rank
        linkGuard = link.map { LinkGuard(isInverse: $0.relation == .inverse) }
        if link != nil { setMembers([Member(instrument: -1), Member(instrument: -1)]) }
    }

    /// Takes one end of a link.
    final func setMember(_ place: Int, _ member: Member) {
        members[place] = member
        isComplete = members.allSatisfy { $0.instrument >= 0 }
    }

    /// Takes instruments in the place of those that were there.
    final func setMembers(_ members: [Member]) {
        self.members = members
        books = Array(repeating: -1, count: members.count)
    }

    /// It is no group any more.
    final func end() {
        isComplete = false
        restart()
    }

    /// Whether a decision of it stands on the links.
    var usesLinks: Bool { link != nil }

    // MARK: Sights

    /// Takes what its rule looks for from now on.
    func takeTask(_ task: GroupTask?) { restart() }

    /// Forgets what was seen so far: a break, or a book that may not be used.
    func restart() {}

    /// Whether it is too late for the guard of a link to look.
    func isStale(_ router: borrowing Router, at now: Timestamp) -> Bool { false }

    /// Looks whether the books of all members may be used, and notes which they are.
    final func survey(_ router: borrowing Router, at now: Timestamp) -> Survey {
        guard isComplete, isInScope else { return .nothing }
        guard findBooks(router) else { return nothing() }
        if linkGuard != nil {
            if linkGuard?.verdict == .held { return .nothing }
            if !isStale(router, at: now), look(router, at: now) {
                restart()
                return .held
            }
            if linkGuard?.verdict != .fine { return nothing() }
        }
        return .usable
    }

    /// Notes which books of the members count; false where one has none that is known.
    final func findBooks(_ router: borrowing Router) -> Bool {
        for place in members.indices {
            let book = router.currentBook(of: members[place].instrument)
            guard book >= 0 else { return false }
            books[place] = book
        }
        return true
    }

    private func nothing() -> Survey {
        restart()
        return .nothing
    }

    private func look(_ router: borrowing Router, at now: Timestamp) -> Bool {
        linkGuard?.look(
            router.books[books[0]].top.doubleMidMillionths, router.books[books[1]].top.doubleMidMillionths, at: now) ?? false
    }

    /// Grows with every break of any book of the group.
    final func breaks(_ router: borrowing Router) -> Int {
        var sum = 0
        for member in members {
            for book in router.instruments[member.instrument].books { sum += router.books[book].breaks }
        }
        return sum
    }
}

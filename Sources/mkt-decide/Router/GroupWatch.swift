import MarketModel

/// A rule at work on several instruments that it looks at together: a link, the outcomes of a market, those of an event.
final class GroupWatch {
    struct Member {
        /// The number of the instrument; -1 as long as it was never seen.
        var instrument: Int
        /// How its venue rounds; nil where nobody said.
        var rounding: FeeRounding?
    }

    let assignment: Assignment
    let limits: BasketLimits
    /// The place among the groups of its rule, where an instrument is in several.
    let rank: Int
    /// For decisions about the group itself; nil if it is no link.
    let link: Link?
    // Unchecked: only the engine and the router call in, one call at a time, and checks would cost more than a look.
    /// In the order of legs.
    @exclusivity(unchecked) private(set) var members: [Member] = []
    @exclusivity(unchecked) private(set) var baskets: [Basket]
    /// Whether all is known that makes it a group.
    @exclusivity(unchecked) var isComplete = false
    /// Whether one of its instruments is in the scope of the rule.
    @exclusivity(unchecked) var isInScope = false
    /// By member: the book that counts now.
    @exclusivity(unchecked) private(set) var books: [Int] = []
    @exclusivity(unchecked) private var runs: [BasketRun]
    @exclusivity(unchecked) private var linkGuard: LinkGuard?
    @exclusivity(unchecked) private var hasRun = false

    init(_ assignment: Assignment, _ limits: BasketLimits, link: Link? = nil, rank: Int = 0) {
        self.assignment = assignment
        self.limits = limits
        self.link = link
        self.rank = rank
        let isInverse = link?.relation == .inverse
        linkGuard = link.map { _ in LinkGuard(isInverse: isInverse) }
        baskets = link.map { _ in Basket.ofLink(isInverse: isInverse) } ?? []
        runs = Array(repeating: BasketRun(), count: baskets.count)
        if link != nil { setMembers([Member(instrument: -1), Member(instrument: -1)]) }
    }

    /// Takes one end of a link.
    func setMember(_ place: Int, _ member: Member) {
        members[place] = member
        isComplete = members.allSatisfy { $0.instrument >= 0 }
    }

    /// Takes the outcomes of which exactly one comes true; nil as long as they are not all known.
    func setOutcomes(_ outcomes: [Member]?) {
        isComplete = outcomes != nil
        guard let outcomes, outcomes.map(\.instrument) != members.map(\.instrument) else { return }
        baskets = Basket.ofOutcomes(outcomes.count)
        runs = Array(repeating: BasketRun(), count: baskets.count)
        setMembers(outcomes)
    }

    private func setMembers(_ members: [Member]) {
        self.members = members
        books = Array(repeating: -1, count: members.count)
    }

    // MARK: Sights

    enum Survey: Equatable {
        /// No book of it may be used now, or nobody asks.
        case nothing
        /// The baskets are worth a look.
        case usable
        /// Its link has looked inverted for long: from now on it is held.
        case held
    }

    /// Looks whether the books of all members may be used, and notes which they are.
    func survey(_ router: borrowing Router, at now: Timestamp) -> Survey {
        guard isComplete, isInScope else { return .nothing }
        for place in members.indices {
            let book = router.currentBook(of: members[place].instrument)
            guard book >= 0 else { return endRuns() }
            books[place] = book
        }
        if linkGuard != nil {
            if linkGuard?.verdict == .held { return .nothing }
            if !isStale(router, at: now), look(router, at: now) {
                _ = endRuns()
                return .held
            }
            if linkGuard?.verdict != .fine { return endRuns() }
        }
        return .usable
    }

    private func look(_ router: borrowing Router, at now: Timestamp) -> Bool {
        linkGuard?.look(
            router.books[books[0]].top.doubleMidMillionths, router.books[books[1]].top.doubleMidMillionths, at: now) ?? false
    }

    private func isStale(_ router: borrowing Router, at now: Timestamp) -> Bool {
        // A clock that was set back makes a book no younger.
        books.contains { now.micros(since: router.books[$0].mark.received).magnitude >= UInt64(limits.maxAgeMicros) }
    }

    /// What the rule finds in a basket of a group that is usable.
    func see(_ index: Int, _ router: borrowing Router, at now: Timestamp) -> GroupNews {
        guard isPromising(baskets[index], router) else { return endRun(index) }
        if isStale(router, at: now) { return endRun(index, .stale) }
        if let place = members.firstIndex(where: { !router.instruments[$0.instrument].facts.isOpen }) {
            return endRun(index, .closed(member: place))
        }
        var ladders: [Ladder] = []
        ladders.reserveCapacity(members.count)
        for place in members.indices {
            switch ladder(place, baskets[index].stakes[place], router) {
            case .success(let ladder): ladders.append(ladder)
            case .failure(let fault): return endRun(index, .fee(member: place, fault))
            }
        }
        return see(index, BasketWalk(ladders, isBuying: baskets[index].isBuying, limits), router, at: now)
    }

    private func see(_ index: Int, _ walk: consuming BasketWalk, _ router: borrowing Router, at now: Timestamp) -> GroupNews {
        let size = walk.size()
        guard size > 0 else { return endRun(index, .thin(walk.gain ?? 0)) }
        guard let total = try? walk.total(size) else { return endRun(index, .tooLarge) }
        guard total.isWorth(limits.minEdge) else { return endRun(index, .poor(total)) }
        hasRun = true
        return runs[index].take(total, breaks: breaks(router), at: now, holdMicros: limits.holdMicros)
    }

    /// Whether the best prices alone leave enough before fees, and no book is crossed: what nearly all sights end with.
    private func isPromising(_ basket: Basket, _ router: borrowing Router) -> Bool {
        var sum: Int64 = 0
        for place in members.indices {
            let top = router.books[books[place]].top
            guard !top.isCrossed, let price = basket.stakes[place] == .buy ? top.ask : top.bid else { return false }
            sum += basket.stakes[place] == .buyOpposite ? price.complement.millionths : price.millionths
        }
        let gain = basket.isBuying ? Price.one.millionths - sum : sum - Price.one.millionths
        return gain > 0 && gain >= limits.minEdge
    }

    private func ladder(_ place: Int, _ stake: Basket.Stake, _ router: borrowing Router) -> Result<Ladder, TakerFee.Fault> {
        switch router.instruments[members[place].instrument].facts.fee {
        case .failure(let fault): return .failure(fault)
        case .success(let fee):
            // Nothing has to be rounded where nothing is taken.
            guard let rounding = members[place].rounding ?? (fee.isZero ? .up6 : nil) else { return .failure(.rounding) }
            return .success(Ladder(router.books[books[place]].book, stake, fee, rounding))
        }
    }

    /// Grows with every break of any book of the group.
    private func breaks(_ router: borrowing Router) -> Int {
        var sum = 0
        for member in members {
            for book in router.instruments[member.instrument].books { sum += router.books[book].breaks }
        }
        return sum
    }

    private func endRun(_ index: Int, _ miss: GroupMiss? = nil) -> GroupNews {
        if hasRun { runs[index] = BasketRun() }
        return miss.map(GroupNews.missed) ?? .nothing
    }

    private func endRuns() -> Survey {
        guard hasRun else { return .nothing }
        hasRun = false
        for index in runs.indices { runs[index] = BasketRun() }
        return .nothing
    }
}

import JSON
import MarketModel

/// A rule that looks for shares which pay more than they cost, at work on a group.
final class BasketWatch: GroupWatch {
    private(set) var limits: BasketLimits
    /// Who told what a share pays; nil where it pays a dollar.
    var settlement: Settlement?
    // Unchecked, as in `GroupWatch`.
    @exclusivity(unchecked) private(set) var baskets: [Basket]
    @exclusivity(unchecked) private var runs: [BasketRun]
    @exclusivity(unchecked) private var hasRun = false

    /// What an instrument pays, and who said so.
    struct Settlement: Equatable {
        /// Millionths of a dollar, 0 to 1.
        let price: Price
        /// `polymarket 74`.
        let teller: String
        /// Whether it is known through a link.
        let isLinked: Bool
    }

    init(_ assignment: Assignment, _ limits: BasketLimits, link: Link? = nil, rank: Int = 0) {
        self.limits = limits
        settlement = nil
        baskets = link.map { Basket.ofLink(isInverse: $0.relation == .inverse) } ?? []
        runs = Array(repeating: BasketRun(), count: baskets.count)
        super.init(assignment, link: link, rank: rank)
    }

    /// One instrument whose worth is known.
    init(_ assignment: Assignment, _ limits: BasketLimits, _ settlement: Settlement, of member: Member) {
        self.limits = limits
        self.settlement = settlement
        baskets = Basket.ofOne
        runs = Array(repeating: BasketRun(), count: baskets.count)
        super.init(assignment)
        setMembers([member])
        isComplete = true
    }

    override var usesLinks: Bool { link != nil || settlement?.isLinked == true }

    /// Takes the outcomes of which exactly one comes true; nil as long as they are not all known.
    func setOutcomes(_ outcomes: [Member]?) {
        isComplete = outcomes != nil
        guard let outcomes, outcomes.map(\.instrument) != members.map(\.instrument) else { return }
        baskets = Basket.ofOutcomes(outcomes.count)
        runs = Array(repeating: BasketRun(), count: baskets.count)
        setMembers(outcomes)
    }

    override func takeTask(_ task: GroupTask?) {
        if let limits = task?.limits { self.limits = limits }
        restart()
    }

    override func restart() {
        guard hasRun else { return }
        hasRun = false
        for index in runs.indices { runs[index] = BasketRun() }
    }

    override func isStale(_ router: borrowing Router, at now: Timestamp) -> Bool {
        // A clock that was set back makes a book no younger.
        books.contains { now.micros(since: router.books[$0].mark.received).magnitude >= UInt64(limits.maxAgeMicros) }
    }

    /// What the rule finds in a basket of a group that is usable.
    func see(_ index: Int, _ router: borrowing Router, at now: Timestamp) -> GroupNews {
        guard isPromising(baskets[index], router) else { return endRun(index) }
        if isStale(router, at: now) { return endRun(index, .stale) }
        if let place = members.firstIndex(where: { !isOpen(router.instruments[$0.instrument].facts) }) {
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
        return see(index, BasketWalk(ladders, isBuying: baskets[index].isBuying, worth: worth, limits), router, at: now)
    }

    private func see(_ index: Int, _ walk: consuming BasketWalk, _ router: borrowing Router, at now: Timestamp) -> GroupNews {
        let size = walk.size()
        guard size > 0 else { return endRun(index, .thin(walk.gain ?? 0)) }
        guard let total = try? walk.total(size) else { return endRun(index, .tooLarge) }
        guard total.isWorth(limits.minEdge) else { return endRun(index, .poor(total)) }
        hasRun = true
        return runs[index].take(total, breaks: breaks(router), at: now, holdMicros: limits.holdMicros)
    }

    /// What a share of a basket pays, in millionths of a dollar.
    private var worth: Int64 { settlement?.price.millionths ?? Decimal6.one }

    /// A market that has told its settlement is not open any more, and its book is what the rule about settlements is for.
    private func isOpen(_ facts: InstrumentFactSheet) -> Bool {
        facts.isOpen || (settlement != nil && facts.settlement != nil)
    }

    /// Whether the best prices alone leave enough before fees, and no book is crossed: what nearly all sights end with.
    private func isPromising(_ basket: Basket, _ router: borrowing Router) -> Bool {
        var sum: Int64 = 0
        for place in members.indices {
            let top = router.books[books[place]].top
            guard !top.isCrossed, let price = basket.stakes[place] == .buy ? top.ask : top.bid else { return false }
            sum += basket.stakes[place] == .buyOpposite ? price.complement.millionths : price.millionths
        }
        let gain = basket.isBuying ? worth - sum : sum - worth
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

    private func endRun(_ index: Int, _ miss: GroupMiss? = nil) -> GroupNews {
        if hasRun { runs[index] = BasketRun() }
        return miss.map(GroupNews.missed) ?? .nothing
    }
}

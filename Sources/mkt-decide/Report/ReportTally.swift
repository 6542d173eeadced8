import JSON
import MarketModel

/// Everything that a page tells, gathered line by line in bounded memory.
struct ReportTally: ~Copyable {
    /// Lines of rules beyond these are counted and in no table.
    static let rulesMax = 1000
    static let listedMax = 20

    private var names = NameTable()
    private(set) var rules: [RuleTally] = []
    private(set) var instruments = InstrumentLedger()
    /// Of all rules together.
    private(set) var totalPnl: Int128 = 0
    private(set) var totalDrawdown = Drawdown()
    private(set) var totalPnls = TimeBuckets<Extent>()
    private(set) var totalDrawdowns = TimeBuckets<Extent>()
    /// Decisions, and those that trade.
    private(set) var decisionBars = TimeBuckets<Share>()
    /// Shares that orders asked for, and those that they got.
    private(set) var fillBars = TimeBuckets<Share>()
    private(set) var largest = TopList<DecisionRank, ListedDecision>(countMax: ReportTally.listedMax)
    private(set) var leastFilled = TopList<Int128, ListedOrder>(countMax: ReportTally.listedMax)
    private(set) var rulesHashes = Provenance()
    private(set) var dataHashes = Provenance()
    private(set) var builds = Provenance()
    private(set) var fineGrid = TimeGrid.fine
    private(set) var roundGrid = TimeGrid.round
    /// Lines of mkt-decide that count, and lines of others that were passed over.
    private(set) var ownLines: Int64 = 0
    private(set) var otherLines: Int64 = 0
    /// Whether any line was of an account on paper.
    private(set) var hasAccounts = false
    private(set) var linesOfOtherRules: Int64 = 0
    /// Account lines whose numbers contradict each other.
    private(set) var contradictions: Int64 = 0
    /// Lines that are earlier than the one before.
    private(set) var stepsBack: Int64 = 0
    private var lastTime: Timestamp?

    init() {}

    mutating func take(_ line: ReportLine, _ decoder: borrowing EventDecoder) {
        switch line {
        case .decision(let decision): take(decision, decoder)
        case .order(let order): take(order, decoder)
        case .fill(let fill):
            guard let rule = begin(fill.rule, at: decoder.received) else { return }
            hasAccounts = true
            rules[rule].fills += 1
            rules[rule].shares += fill.size
            rules[rule].fillFees += fill.fee
            instruments.take(fill, decoder)
        case .position(let position):
            guard let rule = begin(position.rule, at: decoder.received) else { return }
            hasAccounts = true
            instruments.take(position.holding, ofRule: rule, decoder)
        case .account(let account): take(account, at: decoder.received)
        case .other: otherLines += 1
        }
    }

    /// The number of a rule, once time has been noted; nil for one beyond the bound.
    private mutating func begin(_ rule: JSONText, at time: Timestamp) -> Int? {
        ownLines += 1
        if let lastTime, time < lastTime { stepsBack += 1 }
        lastTime = time
        fineGrid.include(time.micros)
        roundGrid.include(time.micros)
        let name = NameTable.Name(first: rule)
        if let known = names.find(name) { return known }
        guard rules.count < ReportTally.rulesMax else {
            linesOfOtherRules += 1
            return nil
        }
        rules.append(RuleTally(name: rule.string))
        return names.number(of: name)
    }

    private mutating func take(_ decision: ReportLine.Decision, _ decoder: borrowing EventDecoder) {
        guard let rule = begin(decision.rule, at: decoder.received) else { return }
        rulesHashes.take(decision.rules)
        dataHashes.take(decision.data)
        builds.take(decision.build)
        rules[rule].take(decision, at: decoder.received, in: fineGrid)
        decisionBars.add(Share(whole: 1, part: decision.isTrade ? 1 : 0), at: decoder.received.micros, in: roundGrid)
        let rank = DecisionRank(decision)
        if largest.admits(rank) { largest.insert(ListedDecision(decision, rules[rule].name, decoder), rank) }
    }

    private mutating func take(_ order: ReportLine.Order, _ decoder: borrowing EventDecoder) {
        guard let rule = begin(order.rule, at: decoder.received) else { return }
        hasAccounts = true
        rules[rule].orders += 1
        rules[rule].asked += order.size
        rules[rule].filled += order.filled
        fillBars.add(Share(whole: order.size, part: order.filled), at: decoder.received.micros, in: roundGrid)
        let missing = order.size - order.filled
        if missing > 0, leastFilled.admits(missing) {
            leastFilled.insert(ListedOrder(order, rules[rule].name, decoder), missing)
        }
    }

    private mutating func take(_ account: ReportLine.Account, at time: Timestamp) {
        guard let rule = begin(account.rule, at: time) else { return }
        hasAccounts = true
        if !account.balance.addsUp { contradictions += 1 }
        let before = rules[rule].pnl ?? 0
        rules[rule].take(account.balance, at: time, in: fineGrid)
        totalPnl += (rules[rule].pnl ?? 0) - before
        totalDrawdown.take(totalPnl)
        totalPnls.add(Extent(totalPnl), at: time.micros, in: fineGrid)
        totalDrawdowns.add(Extent(totalDrawdown.now), at: time.micros, in: fineGrid)
    }

    /// Brings everything over time to the width that the whole stream came to.
    mutating func finish() {
        for rule in rules.indices {
            rules[rule].edges.fold(to: fineGrid.level, of: fineGrid)
            rules[rule].pnls.fold(to: fineGrid.level, of: fineGrid)
            rules[rule].drawdowns.fold(to: fineGrid.level, of: fineGrid)
        }
        totalPnls.fold(to: fineGrid.level, of: fineGrid)
        totalDrawdowns.fold(to: fineGrid.level, of: fineGrid)
    }
}

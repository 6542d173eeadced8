import JSON
import Logging
import MarketModel
import UnixTool

/// Lines in, decisions out: no clock but the stream's, no chance, nothing outside.
struct DecideEngine: ~Copyable {
    private let rules: RuleSet
    private var decoder = EventDecoder()
    private var input = Input.other
    private(set) var router: Router
    private var decisionLine: DecisionLine
    private var explainer: Explainer?
    /// By rule.
    private(set) var decisions: [Int64]
    private(set) var unknownTypes: Int64 = 0

    /// - Parameter explaining: Where near misses are told; nil for nowhere.
    init(_ rules: RuleSet, explaining logger: Logger? = nil) {
        self.rules = rules
        router = Router(rules)
        decisionLine = DecisionLine(rules)
        explainer = logger.map { Explainer(rules, $0) }
        decisions = Array(repeating: 0, count: rules.rules.count)
    }

    /// When the line that was read last was received.
    var received: Timestamp { decoder.received }

    /// The line that was read last is of a type that this version does not know.
    var isUnknownType: Bool { decoder.kind == nil }

    /// Reads a line and checks all of it that rules may use. After an error nothing has changed but a hole will be seen in its book.
    mutating func read(_ line: UnsafeBufferPointer<UInt8>) throws(EventError) {
        input = .other
        try decoder.decodeEvent(line)
        input = try Input(decoder)
    }

    /// Acts on the line that was read and writes what the rules decide.
    mutating func act(_ writer: inout LineWriter) throws {
        switch input {
        case .snapshot(let mark):
            let number = try router.book(of: decoder)
            router.books[number].replace(at: mark, bids: decoder.bids, asks: decoder.asks)
            try lookAtBook(number, &writer)
        case .delta(let mark):
            let number = try router.book(of: decoder)
            router.books[number].change(at: mark, bids: decoder.bids, asks: decoder.asks)
            try lookAtBook(number, &writer)
        case .trade(let trade): try look(at: trade, ofBook: try router.book(of: decoder), &writer)
        case .instrument(let outcome): router.setOutcome(outcome, ofBook: try router.book(of: decoder))
        case .bookBreak(let broken):
            router.apply(broken, feed: try decoder.requireText(.feed), venue: try decoder.requireText(.venue))
        case .otherMarketData: if rules.usesLabels { _ = try router.book(of: decoder) }
        case .other: break
        case .unknownType: unknownTypes += 1
        }
    }

    private mutating func lookAtBook(_ number: Int, _ writer: inout LineWriter) throws {
        guard let (sight, isFresh) = router.books[number].takeSight() else { return }
        for watch in router.books[number].watches {
            if let finding = watch.see(sight, isFresh: isFresh) {
                try decide(finding, watch.assignment, ofBook: number, &writer)
            } else if explainer != nil, let what = watch.nearMiss(sight) {
                explainer?.tell(watch.assignment, on: try Trigger(decoder), what)
            }
        }
    }

    private mutating func look(at trade: TradeSight, ofBook number: Int, _ writer: inout LineWriter) throws {
        for watch in router.tradeWatches(ofBook: number) {
            if let finding = watch.see(trade) {
                try decide(finding, watch.assignment, ofBook: number, &writer)
            } else if explainer != nil, let what = watch.nearMiss(trade) {
                explainer?.tell(watch.assignment, on: try Trigger(decoder), what)
            }
        }
    }

    private mutating func decide(
        _ finding: Finding, _ assignment: Assignment, ofBook number: Int, _ writer: inout LineWriter
    ) throws {
        let trigger = try Trigger(decoder)
        let silence = assignment.silenceMicros(at: trigger.received)
        guard silence == 0 else {
            explainer?.tell(assignment, on: trigger, "\(finding.note), but its cooldown has \(Durations.text(silence)) left")
            return
        }
        let ordinal = assignment.decide(at: trigger.received)
        let start = writer.buffer.count
        decisionLine.write(
            finding, of: assignment.rule, on: trigger, outcome: router.outcome(ofBook: number), ordinal, to: &writer.buffer)
        try writer.endLine(from: start)
        decisions[assignment.ruleIndex] += 1
    }

    /// The end of the input.
    func finish() {
        let assigned = Set(router.instruments.flatMap { $0.assignments.map(\.ruleIndex) })
        explainer?.tellIdle(rules, assigned: assigned)
    }
}

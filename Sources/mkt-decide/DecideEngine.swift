import JSON
import Logging
import MarketModel
import UnixTool

/// Lines in, decisions out: no clock but the stream's, no chance, nothing outside.
struct DecideEngine: ~Copyable {
    var rules: RuleSet
    var links: LinkSet
    /// What is needed to take other reference data; nil where there are none.
    let reading: ReferenceReading?
    /// Whether the line that was read last counts: it is about a market or a feed, or of an unknown type, and not what a stage says.
    var isCounted = false
    /// Lines that count.
    var lineCount: Int64 = 0
    /// When the last of these was received.
    var clock = Timestamp(micros: 0)
    /// Where faults of the data are told that keep rules silent; nil for nowhere.
    let logger: Logger?
    var decoder = EventDecoder()
    private var input = Input.other
    /// The book of the next line, probably; nil for who knows.
    private var expectedBook: Int?
    var router: Router
    var decisionLine: DecisionLine
    var explainer: Explainer?
    var timers = StreamTimers<TimedWork>()
    /// nil: nothing is filled.
    var desk: PaperDesk?
    /// By rule.
    var decisions: [Int64]
    /// Cooldowns and ordinals of rules that have a program.
    var programAssignments: [ProgramPlace: Assignment] = [:]
    private(set) var unknownTypes: Int64 = 0

    /// - Parameters:
    ///   - logger: Where faults of the data are told that keep rules silent; nil for nowhere.
    ///   - isExplaining: Whether near misses are told there, too.
    ///   - paperLatencyMicros: How long orders on paper are under way; nil for no orders.
    init(
        _ rules: RuleSet, _ links: LinkSet = .none, telling logger: Logger? = nil, isExplaining: Bool = false,
        paperLatencyMicros: Int64? = nil, reading: ReferenceReading? = nil
    ) {
        self.rules = rules
        self.links = links
        self.reading = reading
        self.logger = logger
        router = Router(rules, links, followsAll: reading?.usesLinks == true || paperLatencyMicros != nil)
        decisionLine = DecisionLine(rules, links, areLinksOfDatabase: reading?.usesLinks ?? false)
        explainer = isExplaining ? logger.map { Explainer(rules, $0) } : nil
        decisions = Array(repeating: 0, count: rules.rules.count)
        desk = paperLatencyMicros.map { PaperDesk(rules, latencyMicros: $0) }
    }

    /// Orders on paper that took something.
    var fills: Int64 { desk?.fills ?? 0 }

    /// When the line that was read last was received.
    var received: Timestamp { decoder.received }

    /// The line that was read last is of a type that this version does not know.
    var isUnknownType: Bool { decoder.kind == nil }

    /// Reads a line and checks all of it that rules may use. After an error nothing has changed but a hole will be seen in its book.
    mutating func read(_ line: UnsafeBufferPointer<UInt8>) throws(EventError) {
        input = .other
        try decoder.decodeEvent(line)
        try check()
    }

    /// The same for a line that another decoder has read.
    mutating func take(_ index: Int, of lines: borrowing DecodedLines) throws(EventError) {
        input = .other
        try decoder.take(index, of: lines)
        try check()
    }

    /// Asks for the memory that the lines behind this one will need: first for the places, later for what they point to, step by step.
    func expect(_ index: Int, of lines: borrowing DecodedLines) {
        guard router.books.count >= EventDecoder.originsNear else { return }
        if let book = book(ofLine: index + 2, of: lines) { router.books[book].askForContent(lines.sides(index + 2)) }
        if let book = book(ofLine: index + 4, of: lines) { router.books.askForPlace(book) }
    }

    @inline(__always)
    private func book(ofLine index: Int, of lines: borrowing DecodedLines) -> Int? {
        index < lines.count ? router.book(ofOrigin: lines.originNumber(index)) : nil
    }

    /// The same for a line that is taken next, and for bytes that begin with the second one behind it.
    mutating func expect(_ line: UnsafeBufferPointer<UInt8>, _ following: UnsafeBufferPointer<UInt8>) {
        let next = expectedBook
        // All that is asked for stands side by side, behind what has to be worked out for it: the processor then finds all the pages at once.
        expectedBook = router.book(ofOrigin: decoder.expect(following))
        if let expectedBook { router.books.askForPlace(expectedBook) }
        if let next {
            let changesBids = DecideEngine.endsWithNoAsks(line)
            router.books[next].askForContent((bid: changesBids, ask: !changesBids))
        }
    }

    /// Whether a line ends as one does that changes bids only: a hint, for what is asked for.
    @inline(__always)
    private static func endsWithNoAsks(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        guard line.count >= 8, let base = line.baseAddress else { return false }
        // `sks":[]}`, the first byte lowest.
        return UnsafeRawPointer(base + line.count - 8).loadUnaligned(as: UInt64.self) == 0x7D5D_5B3A_2273_6B73
    }

    @inline(__always)
    private mutating func check() throws(EventError) {
        input = try Input(decoder)
        isCounted = decoder.kind.map { $0.isMarketData || $0 == .feedStatus } ?? true
        guard isCounted else { return }
        lineCount += 1
        clock = decoder.received
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
            if router.books[number].change(at: mark, bids: decoder.bids, asks: decoder.asks) {
                try lookAtBook(number, &writer)
            } else {
                desk?.note(router.books[number].instrument)
            }
        case .trade(let trade): try look(at: trade, ofBook: try router.book(of: decoder), &writer)
        case .instrument(let news):
            let number = try router.book(of: decoder)
            if router.learn(news, ofBook: number) { desk?.noteAll() } else { desk?.note(router.books[number].instrument) }
        case .settlement(let price): if router.watchesMarketData { try settle(price, &writer) }
        case .state(let isOpen): if router.watchesMarketData { router.setOpen(isOpen, ofBook: try router.book(of: decoder)) }
        case .bookBreak(let broken):
            router.apply(broken, feed: try decoder.requireText(.feed), venue: try decoder.requireText(.venue))
            desk?.noteAll()
        case .otherMarketData: if router.watchesMarketData { _ = try router.book(of: decoder) }
        case .reference: try adoptLine(&writer)
        case .other: break
        case .unknownType: unknownTypes += 1
        }
    }

    /// Rules in the order of their names, those about one book and those about several.
    private mutating func lookAtBook(_ number: Int, _ writer: inout LineWriter) throws {
        desk?.note(router.books[number].instrument)
        desk?.look(ofBook: number, in: router)
        let sighting = router.books[number].takeSight()
        var next = 0
        if !router.groups.isEmpty {
            for group in router.groupWatches(ofBook: number) {
                if let sighting { try look(from: &next, before: group.assignment.ruleIndex, at: sighting, ofBook: number, &writer) }
                try look(group, &writer)
            }
        }
        if let sighting { try look(from: &next, before: .max, at: sighting, ofBook: number, &writer) }
    }

    /// Those about one book whose rules come before another one.
    private mutating func look(
        from next: inout Int, before ruleIndex: Int, at sighting: Sighting, ofBook number: Int, _ writer: inout LineWriter
    ) throws {
        let slot = router.books[number]
        let watches = slot.watches
        while next < watches.count, watches[next].ruleIndex < ruleIndex {
            if let finding = slot.look(next, at: sighting) {
                router.askForOutcome(ofBook: number)
                try decide(finding, slot.assignment(next), ofBook: number, &writer)
            } else if explainer != nil, let what = slot.nearMiss(next, at: sighting) {
                explainer?.tell(slot.assignment(next), on: try Trigger(decoder), what)
            }
            next += 1
        }
    }

    private mutating func look(at trade: TradeSight, ofBook number: Int, _ writer: inout LineWriter) throws {
        for watch in router.tradeWatches(ofBook: number) {
            if let finding = watch.see(trade) {
                router.askForOutcome(ofBook: number)
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
            explainer?.tell(assignment, on: trigger, "\(finding.note.text), but its cooldown has \(Durations.text(silence)) left")
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
    mutating func finish(_ writer: inout LineWriter) throws {
        try dropOrders(&writer)
        guard let explainer else { return }
        let assigned = Set(router.instruments.flatMap { $0.assignments.map(\.ruleIndex) })
        let grouped = Set(router.groups.watches.filter { $0.isComplete && $0.isInScope }.map(\.assignment.ruleIndex))
        explainer.tellIdle(rules, assigned: assigned.union(grouped))
        let met = Set(router.instruments.map { Link.End(venue: $0.venue, instrument: $0.instrument) })
        explainer.tellMissing(links.approved.flatMap(\.ends).filter { !met.contains($0) })
    }
}

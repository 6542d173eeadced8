import JSON
import MarketModel

/// Which rules look at which books and trades.
///
/// An instrument is `venue` and `instrument`; a book is an instrument in one feed. The rules of an instrument are found once, when it is
/// first seen, and again only when its label changes; from then on a line costs one look-up of its names.
struct Router: ~Copyable {
    var rules: RuleSet
    /// What a database says of instruments.
    var references: [Link.End: InstrumentReference] = [:]
    /// Whether the levels of all books are kept: links may come that name instruments which no link names now, or accounts may hold them.
    private let followsAll: Bool
    private var feedNames = NameTable()
    private var instrumentNames = NameTable()
    private var bookNames = NameTable()
    /// By the decoder's number of an origin: the book; -1 for none yet.
    private var booksByOrigin: [Int32] = []
    var instruments: [InstrumentSlot] = []
    var books: BookTable
    static let plansMax = 4096
    /// By the places of an instrument's rules.
    var plans: [[Int]: WatchPlan] = [:]
    var groups: GroupTable
    /// Which instrument names another one as its complement, by the one that is named.
    var namers: [Link.End: Int] = [:]
    /// By number of a feed.
    private(set) var feeds: [String] = []
    /// The places of the rules that have a program.
    let programs: [Int]
    /// Whether any rule looks at what lines say of instruments beside books and trades.
    let watchesMarketData: Bool

    init(_ rules: RuleSet, _ links: LinkSet = .none, followsAll: Bool = false) {
        self.rules = rules
        self.followsAll = followsAll
        books = BookTable(WatchPlan(rules.rules.enumerated().map { (index: $0, strategy: $1.strategy) }))
        groups = GroupTable(rules, links)
        programs = rules.rules.indices.filter { rules.rules[$0].strategy is ExternalStrategy }
        watchesMarketData = rules.usesLabels || !groups.isEmpty || !programs.isEmpty
    }

    var booksKnown: Int { books.indices.count { books[$0].isKnown } }

    /// The number of the book that a line of market data is about; its instrument's latest label is noted.
    mutating func book(of decoder: borrowing EventDecoder) throws(EventError) -> Int {
        let number = if let known = knownBook(of: decoder) { known } else { try namedBook(of: decoder) }
        if watchesMarketData, let label = try decoder.text(.label) { take(label: label, of: books[number].instrument) }
        return number
    }

    /// The book of an origin that has come before.
    @inline(__always)
    private func knownBook(of decoder: borrowing EventDecoder) -> Int? { book(ofOrigin: decoder.originNumber) }

    /// The book of an origin, by the decoder's number of it; nil for one that has not come before.
    @inline(__always)
    func book(ofOrigin origin: Int?) -> Int? {
        guard let origin, origin < booksByOrigin.count, booksByOrigin[origin] >= 0 else { return nil }
        return Int(booksByOrigin[origin])
    }

    private mutating func namedBook(of decoder: borrowing EventDecoder) throws(EventError) -> Int {
        let name = NameTable.Name(
            first: try decoder.requireText(.feed), second: try decoder.requireText(.venue),
            third: try decoder.requireText(.instrument))
        let number = bookNames.number(of: name)
        if number == books.count { addBook(name, market: try decoder.requireText(.market)) }
        if let origin = decoder.originNumber {
            while booksByOrigin.count <= origin { booksByOrigin.append(-1) }
            booksByOrigin[origin] = Int32(number)
        }
        return number
    }

    /// The rules that look at the trades of a book's instrument.
    func tradeWatches(ofBook number: Int) -> [any TradeWatch] { instruments[books[number].instrument].tradeWatches }

    /// Asks for what decisions say of an instrument.
    @inline(__always)
    func askForOutcome(ofBook number: Int) {
        instruments.withUnsafeBufferPointer { NearMemory.ask(for: $0.baseAddress! + books[number].instrument, BookTable.lineBytes) }
    }

    /// What decisions say of the outcome of an instrument.
    func outcome(ofBook number: Int) -> String? { instruments[books[number].instrument].outcome }

    // MARK: Breaks

    /// Makes the books unknown that a break concerns.
    mutating func apply(_ broken: BookBreak, feed: JSONText, venue: JSONText) {
        guard let feedNumber = feedNames.find(NameTable.Name(first: feed)) else { return }
        guard let instruments = broken.instruments else {
            for number in books.indices where books[number].feed == feedNumber && books[number].isConcerned(byBreakOf: broken.conn) {
                books[number].markUnknown()
            }
            return
        }
        for instrument in instruments {
            guard let number = bookNames.find(NameTable.Name(first: feed, second: venue, third: instrument)),
                books[number].isConcerned(byBreakOf: broken.conn)
            else { continue }
            books[number].markUnknown()
        }
    }

    // MARK: The first sight

    private mutating func addBook(_ name: NameTable.Name, market: JSONText) {
        let instrument = instrumentNames.number(of: NameTable.Name(first: name.second, second: name.third))
        if instrument == instruments.count {
            instruments.append(InstrumentSlot(venue: name.second.string, market: market.string, instrument: name.third.string))
            assignRules(to: instrument)
            meetLinks(instrument)
            settle(instrument)
        }
        let slot = instruments[instrument]
        let isFollowed =
            rules.rules.contains {
                $0.strategy.readsBooks && $0.scope.coversIdentity(venue: slot.venue, market: slot.market, instrument: slot.instrument)
            } || (followsAll && !groups.isEmpty) || groups.follows(venue: slot.venue, instrument: slot.instrument)
        let feed = feedNames.number(of: NameTable.Name(first: name.first))
        if feed == feeds.count { feeds.append(name.first.string) }
        instruments[instrument].books.append(books.count)
        books.append(
            feed: feed, instrument: instrument, isFollowed: isFollowed, plan(of: slot.assignments), slot.assignments,
            references[end(of: instrument)])
    }

    private mutating func take(label: JSONText, of instrument: Int) {
        guard instruments[instrument].take(label: label) else { return }
        assignRules(to: instrument)
        for watch in instruments[instrument].groupWatches { rescope(watch) }
    }

    /// The number of an instrument that was seen before.
    func instrumentNumber(venue: String, instrument: String) -> Int? {
        var (venue, instrument) = (venue, instrument)
        return venue.withUTF8 { first in
            instrument.withUTF8 { second in
                instrumentNames.find(plain: NameTable.Name(first: JSONText(first), second: JSONText(second)))
            }
        }
    }

    /// Finds the rules of an instrument. Those that stay keep what they remember; the others begin or are forgotten.
    private mutating func assignRules(to instrument: Int) {
        let slot = instruments[instrument]
        let indices = rules.rules.indices.filter {
            let scope = rules.rules[$0].scope
            // Rules about several instruments find theirs in another way (`Router+Groups`).
            return !rules.rules[$0].isAboutGroups && scope.coversLabel(slot.label)
                && scope.coversIdentity(venue: slot.venue, market: slot.market, instrument: slot.instrument)
        }
        guard indices != slot.assignments.map(\.ruleIndex) else { return }
        for old in slot.assignments { instruments[instrument].pastOrdinals[old.ruleIndex] = old.ordinals }
        let past = instruments[instrument].pastOrdinals
        let assignments = indices.map { index in
            slot.assignments.first { $0.ruleIndex == index }
                ?? Assignment(rules.rules[index], ruleIndex: index, ordinals: past[index] ?? DecisionOrdinals())
        }
        let reference = references[end(of: instrument)]
        instruments[instrument].assignments = assignments
        instruments[instrument].programs = indices.filter { rules.rules[$0].strategy is ExternalStrategy }
        instruments[instrument].tradeWatches = assignments.compactMap { assignment in
            slot.tradeWatches.first { $0.assignment === assignment } ?? tradeWatch(assignment, reference)
        }
        for book in slot.books { books[book].take(plan(of: assignments), assignments, reference, changed: []) }
    }
}

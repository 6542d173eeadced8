import FeedSession
import JSON
import MarketModel

/// REST answers: whole books of the CLOB, and what Gamma knows of markets. Told apart by shape, not by address.
///
/// Source: venues dossier §4.1, §4.2. Lists inside strings and real lists are both taken; unknown members are passed over.
struct PolymarketDirectory: ~Copyable {
    private let registry: PolymarketRegistry
    private let verifier: PolymarketVerifier
    private let subscriptions: PolymarketSubscriptions
    private let announcer: PolymarketAnnouncer
    private let output: FeedOutput
    /// What the answer in hand says of each connection whose books are known: how many are as ours, how many are newer.
    private var tallies: [Int64: (same: Int, newer: Int)] = [:]
    private var deadConns: Set<Int64> = []
    private var seededConns: Set<Int64> = []
    private var message = PolymarketMessage()

    init(
        _ registry: PolymarketRegistry, _ verifier: PolymarketVerifier, _ subscriptions: PolymarketSubscriptions,
        _ announcer: PolymarketAnnouncer, _ output: FeedOutput
    ) {
        self.registry = registry
        self.verifier = verifier
        self.subscriptions = subscriptions
        self.announcer = announcer
        self.output = output
    }

    /// Takes the body of an answer: an object or an array of them. Of a body that is no JSON nothing is used.
    mutating func take(_ body: JSONText, path: JSONText, at time: Timestamp) throws {
        var scanner = JSONScanner(body)
        let whole = try scanner.value()
        try scanner.finish()
        try take(whole, in: nil, path, at: time)
    }

    /// `event`: what the markets stand in.
    private mutating func take(_ value: JSONText, in event: PolymarketEvent?, _ path: JSONText, at time: Timestamp) throws {
        var scanner = JSONScanner(value)
        guard try scanner.peekKind() == .array else { return try takeObject(value, in: event, path, at: time) }
        try scanner.beginArray()
        while try scanner.nextElement() { try takeObject(try scanner.value(), in: event, path, at: time) }
    }

    private mutating func takeObject(_ object: JSONText, in event: PolymarketEvent?, _ path: JSONText, at time: Timestamp) throws {
        var scanner = JSONScanner(object)
        guard try scanner.peekKind() == .object else { return }
        var shape = Shape()
        try shape.read(&scanner)
        do {
            if shape.assetID != nil, shape.hasBids {
                try takeBook(object, shape, at: time)
            } else if shape.conditionID != nil || shape.clobTokenIDs != nil {
                try takeMarket(shape, in: event, at: time)
            } else if let market = shape.clobConditionID, let tokens = shape.clobTokens {
                try takeOutcome(market, tokens, at: time)
            }
        } catch let fault as PolymarketFault {
            // The other objects of a page are as good as before.
            try output.reject(
                object.bytes, counter: "rest_\(fault.counter)", message: "the answer to \(path.string): \(fault.message)", at: time)
        }
        // A page of a listing, or an event with its markets.
        let inner = shape.markets == nil || shape.slug == nil ? event : PolymarketEvent(shape)
        let events = shape.clobTokenIDs == nil ? shape.events : nil
        for list in [shape.data, shape.markets, events].compactMap({ $0 }) { try take(list, in: inner, path, at: time) }
    }

    // MARK: Books

    /// A book of `GET /book`: the rest of what its hash is over, and a fresh book where ours is unknown.
    private mutating func takeBook(_ object: JSONText, _ shape: Shape, at time: Timestamp) throws {
        var scanner = JSONScanner(object)
        try message.read(&scanner)
        if let fault = message.fault { throw fault }
        guard let market = message.market else { throw PolymarketFault.missing("market") }
        guard let assetID = message.assetID else { throw PolymarketFault.missing("asset_id") }
        guard message.hasAsks else { throw PolymarketFault.missing("asks") }
        let venueTime = try PolymarketDecimal.timestamp(message.timestamp)
        guard let stamp = message.timestamp else { throw PolymarketFault.missing("timestamp") }
        guard PolymarketMapper.areDistinct(message.bids), PolymarketMapper.areDistinct(message.asks) else {
            throw PolymarketFault.priceTwice
        }
        let minSize = try shape.minOrderSize.map { try PolymarketDecimal.size($0, "min_order_size") }
        let tick = try message.tickSize.map { try PolymarketDecimal.price($0, "tick_size") }

        let book = try registry.book(assetID, market: market, at: time)
        book.hashInputs.minOrderSize = shape.minOrderSize?.string ?? book.hashInputs.minOrderSize
        book.hashInputs.isNegRisk = shape.isNegRisk ?? book.hashInputs.isNegRisk
        book.instrument.facts.minSize = minSize ?? book.instrument.facts.minSize
        // The socket's tick is fresher than that of an answer, which may be a cached one.
        book.instrument.facts.tickSize = book.instrument.facts.tickSize ?? tick
        try registry.factsChanged(book, at: time)
        let copy = wholeCopy(of: book)
        if book.instrument.conn == nil, let carrier = subscriptions.carrier(of: book.instrument.id) { book.startOver(conn: carrier) }
        // A token without a connection has nobody to keep its book true, nor has one whose connection does not speak of it.
        if let conn = book.instrument.conn, !book.instrument.book.isKnown, !book.isStalled {
            if !book.hasBook { seededConns.insert(conn) }
            try resync(book, from: copy, stamp, venueTime, at: time)
        } else {
            if !PolymarketDirectory.hasGhostFace(copy) {
                try verifier.takeWitness(copy, hash: message.hash, timestamp: stamp, venueTime: venueTime, at: time)
            }
            if let conn = book.instrument.conn, book.instrument.book.isKnown { try compare(book, conn, venueTime, at: time) }
        }
    }

    // MARK: Silence

    /// Holds a known book against an answer: the same is a proof that its connection is quiet, a newer one that it may be dead.
    private mutating func compare(_ book: PolymarketBook, _ conn: Int64, _ venueTime: Timestamp, at time: Timestamp) throws {
        guard venueTime > book.knownTo else {
            // An older answer comes out of a cache and says nothing.
            if venueTime == book.knownTo {
                for carrier in book.carriers where isUpToDate(carrier, book) { tallies[carrier, default: (0, 0)].same += 1 }
                book.witness = nil
            }
            return
        }
        tallies[conn, default: (0, 0)].newer += 1
        guard let witness = book.witness, witness.venueTime > book.knownTo, !witness.isForgotten(at: time) else {
            book.witness = PolymarketWitness(venueTime: venueTime, seen: time)
            return
        }
        guard witness.isConfirmed(at: time) else { return }
        output.counters.add("silent_tokens")
        if let subscription = subscriptions.find(conn), subscription.lastData <= witness.seen {
            deadConns.insert(conn)
        } else {
            book.isStalled = true
            try verifier.loseBook(book, reason: "its connection is silent of it while REST has moved on", at: time)
        }
    }

    /// Whether a connection has said as much of the token as the others have: its copies come within seconds.
    private func isUpToDate(_ conn: Int64, _ book: PolymarketBook) -> Bool {
        guard let subscription = subscriptions.find(conn) else { return false }
        return book.lastWord.micros(since: subscription.lastData) <= PolymarketWitness.patienceMicros
    }

    /// What the last answer said of silent connections.
    mutating func takeProof() -> SilenceProof {
        defer {
            tallies.removeAll()
            deadConns.removeAll()
        }
        return SilenceProof(
            quiet: tallies.filter { $0.value.same > 0 && $0.value.newer == 0 }.keys.sorted(), dead: deadConns.sorted())
    }

    /// Connections that were given books which they had not sent.
    mutating func takeSeededConns() -> [Int64] {
        defer { seededConns.removeAll() }
        return seededConns.sorted()
    }

    /// The answer as a book of its own: its hash can be looked at without touching ours.
    private func wholeCopy(of book: PolymarketBook) -> PolymarketBook {
        let copy = PolymarketBook(
            FeedInstrument(
                feed: book.instrument.feed, venue: book.instrument.venue, market: book.instrument.market, id: book.instrument.id))
        _ = copy.replace(with: message)
        copy.hashInputs = book.hashInputs
        if let last = message.lastTradePrice { copy.hashInputs.lastTradePrice = last.string }
        if let tick = message.tickSize { copy.hashInputs.tickSize = tick.string }
        return copy
    }

    /// Replaces an unknown book by REST's and brings it up to date with the changes that came since (dossier §2.10).
    ///
    /// Answers may be cached, or of a book that never was (§6 no. 16). So the answer must be as new as what our book had seen, and what
    /// comes out must be proved: by the hash and the best prices of the last change since, else by its own hash, and by its complement.
    private func resync(
        _ book: PolymarketBook, from copy: PolymarketBook, _ stamp: JSONText, _ venueTime: Timestamp, at time: Timestamp
    ) throws {
        guard venueTime >= book.knownTo, venueTime >= book.missedChanges.forgottenTo else {
            return output.counters.add("rest_book_too_old")
        }
        // The ghost accuses no recipe.
        let hasGhostFace = PolymarketDirectory.hasGhostFace(copy)
        let isOwnHashRight =
            try hasGhostFace
            ? verifier.isProved(copy, hash: message.hash, timestamp: stamp)
            : verifier.checkSnapshot(copy, hash: message.hash, timestamp: stamp, venueTime: venueTime, at: time, isStream: false)
        guard isOwnHashRight || !verifier.canRefute(message.hash) else { return output.counters.add("rest_book_refuted") }
        // Changes of the answer's own millisecond may or may not be in it; they are absolute, so that once more does no harm.
        let later = book.missedChanges.entries.filter { $0.venueTime >= venueTime }
        let before = copy.instrument.book
        for entry in later { copy.set(entry) }
        // With a change or two it has another face, and is the ghost behind it.
        if hasGhostFace, !isOwnHashRight, !PolymarketDirectory.hasGhostFace(copy) { return output.counters.add("rest_book_refuted") }
        let last = book.missedChanges.last.flatMap { $0.venueTime >= venueTime ? $0 : nil }
        guard let isProved = proof(of: copy, book, last, venueTime) else { return output.counters.add("rest_book_refuted") }
        let isVerified = isProved || (isOwnHashRight && copy.instrument.book == before)
        try adopt(copy, as: book, venueTime: max(venueTime, last?.venueTime ?? venueTime), isVerified: isVerified, at: time)
    }

    /// Whether a book is proved by the last change in it; nil if something speaks against it.
    private func proof(of copy: PolymarketBook, _ book: PolymarketBook, _ last: MissedChanges.Word?, _ venueTime: Timestamp) -> Bool? {
        let (bid, ask) = (copy.instrument.book.bestBid?.price, copy.instrument.book.bestAsk?.price)
        guard let last else {
            // Nothing since: only its complement can speak, and the ghost is known by its face.
            if let other = registry.complement(of: book), other.instrument.book.isKnown, other.knownTo == venueTime {
                let (otherBid, otherAsk) = (other.instrument.book.bestBid?.price, other.instrument.book.bestAsk?.price)
                return otherBid == ask?.complement && otherAsk == bid?.complement ? false : nil
            }
            return PolymarketDirectory.hasGhostFace(copy) ? nil : false
        }
        for (told, own) in [(last.bestBid, bid), (last.bestAsk, ask)] {
            if let told, told.withText({ PolymarketTop($0).agrees(with: own) }) == false { return nil }
        }
        guard let agrees = verifier.agreesLater(copy, hash: last.hash, stamp: last.stamp) else { return false }
        return agrees ? true : nil
    }

    /// REST has shown books of 0.01 and 0.99 that never were.
    private static let ghostBid = Price(millionths: 10_000)

    private static func hasGhostFace(_ copy: PolymarketBook) -> Bool {
        guard let bid = copy.instrument.book.bestBid?.price, let ask = copy.instrument.book.bestAsk?.price else { return false }
        return bid <= ghostBid && ask >= ghostBid.complement
    }

    /// The book is what REST and the changes since have made of it.
    private func adopt(
        _ copy: PolymarketBook, as book: PolymarketBook, venueTime: Timestamp, isVerified: Bool, at time: Timestamp
    ) throws {
        let isFirst = !book.hasBook
        book.hasBook = true
        book.takeLevels(of: copy)
        book.hashInputs = copy.hashInputs
        book.hasVerified = book.hasVerified || isVerified
        verifier.acquit(book)
        book.missedChanges.removeAll()
        book.beginOrder()
        book.knownTo = max(book.knownTo, venueTime)
        book.instrument.agreed = time
        try output.snapshot(
            book.instrument, reason: isFirst ? .initial : .resync, received: time, venueTime: venueTime, isVerified: isVerified)
        guard book.instrument.isShown, !isFirst else { return }
        try output.status(FeedStatus(.live, conn: book.instrument.conn, instruments: [book.instrument.id]), at: time)
    }

    // MARK: Outcomes

    /// The CLOB's word on who has won; nobody yet is no news.
    private func takeOutcome(_ market: JSONText, _ tokens: JSONText, at time: Timestamp) throws {
        guard let outcome = try PolymarketClobMarket(tokens), outcome.winner != nil else { return }
        try announcer.confirm(market: market, outcome, at: time)
    }

    // MARK: Markets

    private func takeMarket(_ shape: Shape, in outer: PolymarketEvent?, at time: Timestamp) throws {
        guard let market = shape.conditionID, !market.isEmpty, let tokenList = shape.clobTokenIDs else { return }
        let tokens = try PolymarketList.tokens(tokenList, "clobTokenIds")
        let outcomes = try shape.outcomes.map { try PolymarketList.strings($0, "outcomes") } ?? []
        let fee = try fee(shape)
        let event = try shape.events.flatMap { try PolymarketEvent(firstOf: $0) } ?? outer
        let isAugmented = shape.isAugmented ?? event?.isAugmented ?? false
        let minSize = try shape.orderMinSize.map { try PolymarketDecimal.size($0, "orderMinSize") }
        let tick = try shape.orderPriceMinTickSize.map { try PolymarketDecimal.price($0, "orderPriceMinTickSize") }
        for (index, book) in try registry.books(tokens, market: market, at: time).enumerated() {
            var facts = book.instrument.facts
            facts.outcome = index < outcomes.count ? outcomes[index] : facts.outcome
            facts.question = shape.question?.string ?? facts.question
            facts.slug = shape.slug?.string ?? facts.slug
            facts.event = event?.slug ?? facts.event
            if let isNegRisk = shape.isNegRisk { facts.negRisk = isNegRisk ? isAugmented ? .augmented : .standard : NegativeRisk.none }
            facts.state = shape.state ?? facts.state
            facts.fee = fee ?? facts.fee
            facts.closes = shape.endDate.flatMap { Timestamp(rfc3339: $0) } ?? facts.closes
            facts.minSize = minSize ?? facts.minSize
            // The socket's tick is fresher than a listing's.
            facts.tickSize = facts.tickSize ?? tick
            book.hashInputs.minOrderSize = shape.orderMinSize?.string ?? book.hashInputs.minOrderSize
            book.hashInputs.isNegRisk = shape.isNegRisk ?? book.hashInputs.isNegRisk
            book.instrument.facts = facts
            try registry.factsChanged(book, at: time)
        }
    }

    private func fee(_ shape: Shape) throws -> Fee? {
        if shape.hasFees == false { return Fee(.free) }
        guard let schedule = shape.feeSchedule else { return shape.hasFees == true ? Fee(.unknown) : nil }
        return try PolymarketFeeSchedule.read(schedule, rate: "rate", exponent: "exponent")
    }
}

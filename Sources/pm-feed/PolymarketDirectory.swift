import FeedSession
import JSON
import MarketModel

/// REST answers: whole books of the CLOB, and what Gamma knows of markets. Told apart by shape, not by address.
///
/// Source: venues dossier §4.1, §4.2. Lists inside strings and real lists are both taken; unknown members are passed over.
struct PolymarketDirectory {
    private let registry: PolymarketRegistry
    private let verifier: PolymarketVerifier
    private let output: FeedOutput
    private var message = PolymarketMessage()

    init(_ registry: PolymarketRegistry, _ verifier: PolymarketVerifier, _ output: FeedOutput) {
        self.registry = registry
        self.verifier = verifier
        self.output = output
    }

    /// Takes the body of an answer: an object or an array of them.
    mutating func take(_ body: JSONText, at time: Timestamp) throws {
        var scanner = JSONScanner(body)
        if try scanner.peekKind() == .array {
            try scanner.beginArray()
            while try scanner.nextElement() { try takeObject(try scanner.value(), at: time) }
        } else {
            try takeObject(try scanner.value(), at: time)
        }
        try scanner.finish()
    }

    private mutating func takeObject(_ object: JSONText, at time: Timestamp) throws {
        var scanner = JSONScanner(object)
        guard try scanner.peekKind() == .object else { return }
        var shape = Shape()
        try shape.read(&scanner)
        if let assetID = shape.assetID, shape.hasBids {
            try takeBook(object, shape, assetID, at: time)
        } else if shape.conditionID != nil || shape.clobTokenIDs != nil {
            try takeMarket(shape, at: time)
        }
        // A page of a listing, or an event with its markets.
        for list in [shape.data, shape.markets].compactMap({ $0 }) { try take(list, at: time) }
    }

    // MARK: Books

    /// A book of `GET /book`: the rest of what its hash is over, and a fresh book where ours is unknown.
    private mutating func takeBook(_ object: JSONText, _ shape: Shape, _ assetID: JSONText, at time: Timestamp) throws {
        guard let market = shape.market else { throw PolymarketFault.missing("market") }
        let book = registry.book(assetID, market: market)
        if let size = shape.minOrderSize {
            book.hashInputs.minOrderSize = size.string
            book.instrument.facts.minSize = try PolymarketDecimal.size(size, "min_order_size")
        }
        if let isNegRisk = shape.isNegRisk { book.hashInputs.isNegRisk = isNegRisk }
        if let tick = shape.tickSize { book.instrument.facts.tickSize = try PolymarketDecimal.price(tick, "tick_size") }
        try registry.factsChanged(book, at: time)
        var scanner = JSONScanner(object)
        try message.read(&scanner)
        guard message.fault == nil, message.hasAsks, let stamp = message.timestamp else { return }
        let venueTime = try PolymarketDecimal.timestamp(stamp)
        // A token without a connection has nobody to keep its book true, and known books are the stream's business.
        if book.instrument.conn != nil, book.hasBook, !book.instrument.book.isKnown {
            try resync(book, stamp, venueTime, at: time)
        } else {
            try witness(book, stamp, venueTime, at: time)
        }
    }

    /// Lets a whole book tell whether the hash recipe is right, without touching ours.
    private func witness(_ book: PolymarketBook, _ stamp: JSONText, _ venueTime: Timestamp, at time: Timestamp) throws {
        let copy = PolymarketBook(
            FeedInstrument(
                feed: book.instrument.feed, venue: book.instrument.venue, market: book.instrument.market, id: book.instrument.id))
        guard copy.replace(with: message) else { throw PolymarketFault.priceTwice }
        copy.hashInputs = book.hashInputs
        if let last = message.lastTradePrice { copy.hashInputs.lastTradePrice = last.string }
        if let tick = message.tickSize { copy.hashInputs.tickSize = tick.string }
        try verifier.takeWitness(copy, hash: message.hash, timestamp: stamp, venueTime: venueTime, at: time)
    }

    /// Replaces an unknown book by REST's and brings it up to date with the changes that came since (dossier §2.10).
    private func resync(_ book: PolymarketBook, _ stamp: JSONText, _ venueTime: Timestamp, at time: Timestamp) throws {
        guard !book.missedChanges.isOverfull else { return }
        guard book.replace(with: message) else { throw PolymarketFault.priceTwice }
        if let last = message.lastTradePrice { book.hashInputs.lastTradePrice = last.string }
        if let tick = message.tickSize { book.hashInputs.tickSize = tick.string }
        var isVerified = try verifier.checkSnapshot(
            book, hash: message.hash, timestamp: stamp, venueTime: venueTime, at: time)
        for entry in book.missedChanges.entries where entry.venueTime > venueTime {
            isVerified = false
            entry.price.withText { price in
                entry.size.withText { size in book.set(entry.side, entry.level, price: price, size: size) }
            }
        }
        book.missedChanges.removeAll()
        book.instrument.agreed = time
        try output.snapshot(book.instrument, reason: .resync, received: time, venueTime: venueTime, isVerified: isVerified)
        guard book.instrument.isShown else { return }
        try output.status(FeedStatus(.live, conn: book.instrument.conn, instruments: [book.instrument.id]), at: time)
    }

    // MARK: Markets

    private func takeMarket(_ shape: Shape, at time: Timestamp) throws {
        guard let market = shape.conditionID, let tokenList = shape.clobTokenIDs else { return }
        let tokens = try PolymarketList.strings(tokenList, "clobTokenIds")
        let outcomes = try shape.outcomes.map { try PolymarketList.strings($0, "outcomes") } ?? []
        let fee = try fee(shape)
        let event = try shape.events.flatMap { try firstSlug($0) }
        for (index, token) in tokens.enumerated() {
            try token.withText { text in
                let book = registry.book(text, market: market)
                var facts = book.instrument.facts
                facts.outcome = index < outcomes.count ? outcomes[index] : facts.outcome
                facts.question = shape.question?.string ?? facts.question
                facts.slug = shape.slug?.string ?? facts.slug
                facts.event = event ?? facts.event
                facts.state = shape.state ?? facts.state
                facts.fee = fee ?? facts.fee
                facts.closes = shape.endDate.flatMap { Timestamp(rfc3339: $0) } ?? facts.closes
                if let size = shape.orderMinSize {
                    facts.minSize = try PolymarketDecimal.size(size, "orderMinSize")
                    book.hashInputs.minOrderSize = size.string
                }
                // The socket's tick is fresher than a listing's.
                if facts.tickSize == nil, let tick = shape.orderPriceMinTickSize {
                    facts.tickSize = try PolymarketDecimal.price(tick, "orderPriceMinTickSize")
                }
                if let isNegRisk = shape.isNegRisk { book.hashInputs.isNegRisk = isNegRisk }
                book.instrument.facts = facts
                try registry.factsChanged(book, at: time)
            }
        }
    }

    private func fee(_ shape: Shape) throws -> Fee? {
        if shape.hasFees == false { return Fee(.free) }
        guard let schedule = shape.feeSchedule else { return shape.hasFees == true ? Fee(.unknown) : nil }
        return try PolymarketFeeSchedule.read(schedule, rate: "rate", exponent: "exponent")
    }

    /// The slug of the first event of a market.
    private func firstSlug(_ events: JSONText) throws -> String? {
        var scanner = JSONScanner(events)
        guard try scanner.peekKind() == .array else { return nil }
        try scanner.beginArray()
        guard try scanner.nextElement() else { return nil }
        return try PolymarketList.member("slug", of: try scanner.value())
    }
}

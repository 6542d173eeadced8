import FeedSession
import JSON
import MarketModel

/// Every token that the feed has met, for the life of the process.
final class PolymarketRegistry {
    /// What a number stands for; not retained, since no book ever goes.
    private struct Numbered: BitwiseCopyable {
        var book: Unmanaged<PolymarketBook>?
        var instrument: Unmanaged<FeedInstrument>?
    }

    private let output: FeedOutput
    private let selection: PolymarketSelection
    private var tokens = ByteTable()
    /// In the order in which they were met.
    private(set) var books: [PolymarketBook] = []
    /// By the numbers of whoever reads frames ahead. `books` keeps them all alive.
    private var numbered = FlatStore<Numbered>()
    private var byMarket: [String: [PolymarketBook]] = [:]

    init(_ configuration: PolymarketConfiguration, _ output: FeedOutput) {
        self.output = output
        selection = configuration.selection
    }

    /// The token, if it was met before.
    func find(_ assetID: JSONText) -> PolymarketBook? {
        tokens.find(assetID).map { books[$0] }
    }

    private func find(_ token: String) -> PolymarketBook? { token.withText { find($0) } }

    /// The market of a token that was met.
    func market(of token: String) -> String? { find(token)?.instrument.market }

    /// Whether a whole book of the token has come on its connection.
    func hasBook(_ token: String) -> Bool { find(token)?.hasBook ?? false }

    func isKnown(_ token: String) -> Bool { find(token)?.instrument.book.isKnown ?? false }

    /// The token, met now if not before. Two tokens of one market are each other's complement, which is news of the first one.
    func book(_ assetID: JSONText, market: JSONText, at time: Timestamp) throws -> PolymarketBook {
        let (index, isNew) = tokens.intern(assetID)
        guard isNew else { return books[index] }
        let instrument = FeedInstrument(
            feed: output.settings.name, venue: output.settings.venue, market: market.string, id: assetID.string)
        let book = PolymarketBook(instrument)
        books.append(book)
        let siblings = byMarket[instrument.market, default: []]
        byMarket[instrument.market] = siblings + [book]
        instrument.isShown = selection.includes(instrument)
        if siblings.count == 1 {
            let sibling = siblings[0].instrument
            sibling.facts.complement = instrument.id
            instrument.facts.complement = sibling.id
            if output.isAnnounced(sibling) { try output.announce(sibling, at: time) }
        }
        return book
    }

    /// Forgets the numbers of whoever reads ahead: another one begins.
    func beginNumbers() { numbered.removeAll(keeping: 16) }

    /// The same by a number that stands for the token's text, where there is one (not 0); not retained, since no book ever goes.
    ///
    /// - Parameter base: Where the frame begins in which the texts are.
    @inline(__always)
    func book(_ number: UInt32, _ assetID: JSONSpan, market: JSONSpan, from base: UnsafePointer<UInt8>, at time: Timestamp) throws
        -> Unmanaged<PolymarketBook>
    {
        if number != 0, number < numbered.count, let book = numbered[Int(number)].book { return book }
        return try findBook(number, assetID.text(from: base), market: market.text(from: base), at: time)
    }

    // MARK: Memory

    /// Whether what changes need of all tokens, a kilobyte or two each, is more than a processor has near.
    var isLarge: Bool { numbered.count > 1000 }

    /// Asks for where a token is.
    @inline(__always)
    func askForPlace(_ number: UInt32) { numbered.ask(for: Int(number)) }

    /// Asks for what is kept of a token.
    @inline(__always)
    func askForBook(_ number: UInt32) {
        guard number < numbered.count, let book = numbered[Int(number)].book, let instrument = numbered[Int(number)].instrument else {
            return
        }
        NearMemory.ask(for: book, PolymarketBook.hotBytes)
        NearMemory.ask(for: instrument, FeedInstrument.hotBytes)
    }

    /// Asks for what else the next line of a token needs that was asked for a while ago.
    @inline(__always)
    func askForLine(_ number: UInt32, _ side: Side?) {
        guard number < numbered.count else { return }
        numbered[Int(number)].instrument?._withUnsafeGuaranteedRef { $0.askForLine(side) }
    }

    private func findBook(_ number: UInt32, _ assetID: JSONText?, market: JSONText?, at time: Timestamp) throws
        -> Unmanaged<PolymarketBook>
    {
        guard let assetID else { throw PolymarketFault.missing("asset_id") }
        guard let market else { throw PolymarketFault.missing("market") }
        let book = Unmanaged.passUnretained(try book(assetID, market: market, at: time))
        if number != 0 {
            while numbered.count <= Int(number) { numbered.append(Numbered()) }
            numbered[Int(number)] = Numbered(book: book, instrument: .passUnretained(book._withUnsafeGuaranteedRef { $0.instrument }))
        }
        return book
    }

    /// All tokens of a market, before anything is told of the first: so each is told with its complement.
    func books(_ assetIDs: [String], market: JSONText, at time: Timestamp) throws -> [PolymarketBook] {
        try assetIDs.map { try $0.withText { try book($0, market: market, at: time) } }
    }

    /// The other outcome of a market of two.
    func complement(of book: PolymarketBook) -> PolymarketBook? {
        byMarket[book.instrument.market]?.first { $0 !== book }
    }

    /// Facts of a token have changed: its label and whether it is shown may follow, and it is told if it was told before.
    func factsChanged(_ book: PolymarketBook, at time: Timestamp) throws {
        let instrument = book.instrument
        if output.settings.hasLabels, let slug = instrument.facts.slug, let outcome = instrument.facts.outcome {
            instrument.setLabel("\(slug)/\(outcome)")
        }
        let wasShown = instrument.isShown
        // What was shown stays shown: readers believe its book until they are told otherwise.
        instrument.isShown = wasShown || selection.includes(instrument)
        if output.isAnnounced(instrument) { try output.announce(instrument, at: time) }
        // A slug that was asked for came late: changes alone would be no use to anybody.
        guard !wasShown, instrument.isShown, instrument.book.isKnown else { return }
        try output.snapshot(instrument, reason: .initial, received: time, venueTime: nil, isVerified: false)
    }
}

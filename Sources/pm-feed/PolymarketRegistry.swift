import FeedSession
import JSON
import MarketModel

/// Every token that the feed has met, for the life of the process.
final class PolymarketRegistry {
    private let output: FeedOutput
    private let selection: PolymarketSelection
    private var tokens = ByteTable()
    /// In the order in which they were met.
    private(set) var books: [PolymarketBook] = []
    private var byMarket: [String: [PolymarketBook]] = [:]

    init(_ configuration: PolymarketConfiguration, _ output: FeedOutput) {
        self.output = output
        selection = configuration.selection
    }

    /// The token, if it was met before.
    func find(_ assetID: JSONText) -> PolymarketBook? {
        tokens.find(assetID).map { books[$0] }
    }

    /// The token, met now if not before. Two tokens of one market are each other's complement.
    func book(_ assetID: JSONText, market: JSONText) -> PolymarketBook {
        let (index, isNew) = tokens.intern(assetID)
        guard isNew else { return books[index] }
        let instrument = FeedInstrument(
            feed: output.settings.name, venue: output.settings.venue, market: market.string, id: assetID.string)
        let book = PolymarketBook(instrument)
        books.append(book)
        let siblings = byMarket[instrument.market, default: []]
        byMarket[instrument.market] = siblings + [book]
        if siblings.count == 1 {
            siblings[0].instrument.facts.complement = instrument.id
            instrument.facts.complement = siblings[0].instrument.id
        }
        instrument.isShown = selection.includes(instrument)
        return book
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
        instrument.isShown = selection.includes(instrument)
        if output.isAnnounced(instrument) { try output.announce(instrument, at: time) }
    }
}

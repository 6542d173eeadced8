import FeedSession
import JSON
import Logging
import MarketModel
import UnixTool

/// `--list [TEXT]`: the open markets whose question, slug or event has all the words, as `instrument` lines.
struct PolymarketLister {
    private let configuration: PolymarketConfiguration
    private let words: [String]
    private let rest: BlockingREST
    private let output: FeedOutput
    private let venue: PolymarketVenue

    init(_ configuration: PolymarketConfiguration, _ logger: Logger) throws {
        self.configuration = configuration
        words = configuration.session.arguments.flatMap { $0.lowercased().split(separator: " ").map(String.init) }
        rest = try BlockingREST(configuration.live)
        let common = configuration.feed.common
        output = try FeedOutput(
            configuration.feed, logger: logger, writer: LineWriter(isLineBuffered: common.isLineBuffered, linesMax: common.linesMax))
        venue = PolymarketVenue(configuration, output)
    }

    /// Reads the directory page by page; each page's lines are written before the next is asked for.
    func run() throws {
        var cursor: String?
        var cursors: Set<String> = []
        repeat {
            let listing = try page(after: cursor)
            try output.writer.flush()
            cursor = listing.nextCursor.flatMap { cursors.insert($0).inserted ? $0 : nil }
        } while cursor != nil && !output.isFull && !Signals.isStopAsked
    }

    private func page(after cursor: String?) throws -> PolymarketListing {
        let question = configuration.session.questions.allMarkets(after: cursor)
        let body: [UInt8]
        switch PolymarketAnswer.body(rest.fetchPatiently(question.request)) {
        case .success(let bytes): body = bytes
        case .failure(let trouble):
            let failure: SessionFailure = trouble.isNetwork ? .noNetwork(trouble.words) : .neverOpened("Gamma: \(trouble.words)")
            throw failure.toolFailure
        }
        guard let listing = try? PolymarketListing(body) else {
            throw ToolFailure(.protocolBroken, "Gamma's list of markets is not JSON; try again, or correct --gamma-url")
        }
        let time = Clock.now()
        var path = question.path
        try path.withUTF8 { path in
            try body.withUnsafeBufferPointer { body in
                _ = try venue.answered(path: JSONText(path), status: 200, body: JSONText(body), at: time)
            }
        }
        for market in listing.markets where market.hasBook && !market.isClosed && matches(market) { try tell(market, at: time) }
        return listing
    }

    private func matches(_ market: PolymarketListing.Market) -> Bool {
        let text = "\(market.question) \(market.slug) \(market.event)".lowercased()
        return words.allSatisfy { text.contains($0) } && configuration.session.shard.includes(market.conditionID)
    }

    private func tell(_ market: PolymarketListing.Market, at time: Timestamp) throws {
        for token in market.tokens {
            guard let book = token.withText({ venue.registry.find($0) }) else { continue }
            try output.announce(book.instrument, at: time)
        }
    }
}

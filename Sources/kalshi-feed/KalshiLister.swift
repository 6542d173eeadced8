import FeedSession
import JSON
import Logging
import MarketModel
import UnixTool

/// `--list [TEXT]`: the open markets whose ticker, event or title has all the words, as `instrument` lines. No key is needed.
struct KalshiLister {
    private let configuration: KalshiConfiguration
    private let words: [String]
    private let rest: BlockingREST
    private let output: FeedOutput
    private let venue: KalshiVenue

    init(_ configuration: KalshiConfiguration, _ logger: Logger) throws {
        self.configuration = configuration
        words = configuration.session.arguments.filter { KalshiLister.wish($0) == nil }
            .flatMap { $0.lowercased().split(separator: " ").map(String.init) }
        rest = try BlockingREST(configuration.live)
        let common = configuration.feed.common
        output = try FeedOutput(
            configuration.feed, logger: logger, writer: LineWriter(isLineBuffered: common.isLineBuffered, linesMax: common.linesMax))
        venue = KalshiVenue(configuration, output)
    }

    /// `series:TICKER` or `event:TICKER` among the words: the venue then lists only those.
    private static func wish(_ argument: String) -> KalshiWish? {
        guard argument.hasPrefix("series:") || argument.hasPrefix("event:") else { return nil }
        return try? KalshiWish(argument)
    }

    /// Reads the listing page by page; each page's lines are written before the next is asked for.
    func run() throws {
        let wish = configuration.session.arguments.lazy.compactMap(KalshiLister.wish).first ?? .all
        var cursor: String?
        var cursors: Set<String> = []
        repeat {
            let listing = try page(wish, after: cursor)
            try output.writer.flush()
            cursor = listing.cursor.flatMap { cursors.insert($0).inserted ? $0 : nil }
        } while cursor != nil && !output.isFull && !Signals.isStopAsked
    }

    private func page(_ wish: KalshiWish, after cursor: String?) throws -> KalshiListing {
        let questions = configuration.session.questions
        let question =
            switch wish {
            case .series(let series): questions.markets(series: series, after: cursor)
            case .event(let event): questions.markets(event: event, after: cursor)
            case .ticker, .page, .all, .top: questions.allMarkets(after: cursor, isRecorded: true)
            }
        let body: [UInt8]
        switch KalshiAnswer.body(rest.fetchPatiently(question.request)) {
        case .success(let bytes): body = bytes
        case .failure(.network(let words)): throw SessionFailure.noNetwork("\(words) (\(questions.base))").toolFailure
        case .failure(.busy): throw ToolFailure(.tryLater, "the venue has had too many requests (HTTP status 429); try again in a minute")
        case .failure(let trouble): throw SessionFailure.neverOpened("\(questions.base): \(trouble.words)").toolFailure
        }
        guard let listing = try? KalshiListing(body) else {
            throw ToolFailure(.protocolBroken, "the venue's list of markets is not JSON; try again, or correct --rest-url")
        }
        try learn(body, path: question.path ?? "", at: Clock.now())
        for market in listing.markets where !market.isOver && matches(market) {
            guard let found = venue.registry.find(named: market.ticker) else { continue }
            try output.announce(found.instrument, at: Clock.now())
        }
        return listing
    }

    private func learn(_ body: [UInt8], path: String, at time: Timestamp) throws {
        var path = path
        try path.withUTF8 { path in
            try body.withUnsafeBufferPointer { body in
                _ = try venue.answered(path: JSONText(path), status: 200, body: JSONText(body), at: time)
            }
        }
    }

    private func matches(_ market: KalshiListing.Market) -> Bool {
        words.allSatisfy { market.words.contains($0) } && configuration.session.shard.includes(market.ticker)
    }
}

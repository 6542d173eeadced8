public import UnixTool

/// What a feed runs by, resolved.
public struct FeedSettings: Sendable {
    public let common: CommonSettings
    /// The program: `pm-feed`, `kalshi-feed`.
    public let tool: String
    public let name: String
    public let venue: String
    /// The recording to read.
    public let replayPath: String?
    /// Levels a side in snapshots.
    public let depth: Int
    public let isQuoting: Bool
    public let hasBooks: Bool
    public let hasTrades: Bool
    /// Tickers, quotes, statuses and resolutions.
    public let hasOthers: Bool
    public let hasLabels: Bool
    /// nil: none.
    public let checkpointMicros: Int64?
    /// nil: never stale.
    public let staleMicros: Int64?
    /// When the reader of a live session's output cannot keep up. A replay always waits.
    public let onSlow: OnSlow

    public init(
        _ options: FeedOptions, common: CommonSettings, venue: String, defaultName: String, _ settings: inout Settings
    ) throws(ToolFailure) {
        self.common = common
        self.venue = venue
        tool = "\(defaultName)-feed"
        name = try settings.text("name", flag: options.name, default: defaultName)
        replayPath = try settings.optionalText("replay", flag: options.replay)
        depth = Int(try settings.optionalCount("depth", flag: options.depth, least: 1) ?? Int64(Int.max))
        isQuoting = try settings.bool("quotes", flag: options.quotes)
        let booksOnly = try settings.bool("books-only", flag: options.booksOnly)
        let tradesOnly = try settings.bool("trades-only", flag: options.tradesOnly)
        guard !(booksOnly && tradesOnly) else {
            throw ToolFailure(.usage, "--books-only and --trades-only leave nothing; give one of them")
        }
        hasBooks = !tradesOnly
        hasTrades = !booksOnly
        hasOthers = !booksOnly && !tradesOnly
        hasLabels = try !settings.bool("no-label", flag: options.noLabel)
        let checkpoint = try settings.span("checkpoint", flag: options.checkpoint, default: 60_000_000)
        checkpointMicros = checkpoint == 0 ? nil : checkpoint
        let stale = try settings.span("stale-after", flag: options.staleAfter, default: 30_000_000)
        staleMicros = stale == 0 ? nil : stale
        let slow = try settings.word(
            "on-slow", flag: options.onSlow, of: OnSlow.allCases.map(\.rawValue), default: OnSlow.conflate.rawValue)
        onSlow = OnSlow(rawValue: slow) ?? .conflate
    }
}

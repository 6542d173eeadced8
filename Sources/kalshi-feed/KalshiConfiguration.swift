import FeedSession
import UnixTool

/// What `kalshi-feed` runs by, resolved.
struct KalshiConfiguration: Sendable {
    let feed: FeedSettings
    /// What goes out, after `--books-only` and `--trades-only`.
    let channels: KalshiChannels
    let selection: KalshiSelection
    let live: LiveSettings
    let session: KalshiLiveConfiguration
    let isListing: Bool
    let credentials: KalshiCredentials.Source

    init(_ options: KalshiOptions, _ common: CommonSettings, _ settings: inout Settings) throws(ToolFailure) {
        feed = try FeedSettings(options.feed, common: common, venue: "kalshi", defaultName: "kalshi", &settings)
        let asked = try settings.value(
            "channels", flag: options.channels, default: .usual, defaultText: "book,trade,lifecycle",
            expectation: "some of book, trade, ticker and lifecycle, with commas between", KalshiChannels.init)
        live = try LiveSettings(options.live, feed, &settings)
        session = try KalshiLiveConfiguration(options, &settings)
        isListing = try settings.bool("list", flag: options.list)
        credentials = KalshiCredentials.Source(&settings)
        let shown = asked.intersection(KalshiConfiguration.channels(feed))
        channels = session.isUser ? shown.union(.own) : shown
        guard !channels.isEmpty else {
            throw ToolFailure(.usage, "--channels and --books-only or --trades-only leave nothing; give one of them")
        }
        selection =
            isListing
            ? .everything
            : try KalshiSelection(
                session.isAll ? [] : options.markets, showsAsked: !session.isAll && (session.marketsPath != nil || session.topCount != nil),
                shard: session.shard)
    }

    private static func channels(_ feed: FeedSettings) -> KalshiChannels {
        var channels: KalshiChannels = []
        if feed.hasBooks { channels.insert(.book) }
        if feed.hasTrades { channels.insert(.trade) }
        if feed.hasOthers { channels.formUnion([.ticker, .lifecycle]) }
        return channels
    }
}

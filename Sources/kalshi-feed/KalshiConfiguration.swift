import FeedSession
import UnixTool

/// What `kalshi-feed` runs by, resolved.
struct KalshiConfiguration: Sendable {
    let feed: FeedSettings
    /// What goes out, after `--books-only` and `--trades-only`.
    let channels: KalshiChannels
    let selection: KalshiSelection

    init(_ options: KalshiOptions, _ common: CommonSettings, _ settings: inout Settings) throws(ToolFailure) {
        feed = try FeedSettings(options.feed, common: common, venue: "kalshi", defaultName: "kalshi", &settings)
        let asked = try settings.value(
            "channels", flag: options.channels, default: .usual, defaultText: "book,trade,lifecycle",
            expectation: "some of book, trade, ticker and lifecycle, with commas between", KalshiChannels.init)
        channels = asked.intersection(KalshiConfiguration.channels(feed))
        guard !channels.isEmpty else {
            throw ToolFailure(.usage, "--channels and --books-only or --trades-only leave nothing; give one of them")
        }
        selection = try KalshiSelection(options.markets)
    }

    private static func channels(_ feed: FeedSettings) -> KalshiChannels {
        var channels: KalshiChannels = []
        if feed.hasBooks { channels.insert(.book) }
        if feed.hasTrades { channels.insert(.trade) }
        if feed.hasOthers { channels.formUnion([.ticker, .lifecycle]) }
        return channels
    }
}

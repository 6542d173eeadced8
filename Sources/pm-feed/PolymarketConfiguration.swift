import FeedSession
import UnixTool

/// What `pm-feed` runs by, resolved.
struct PolymarketConfiguration: Sendable {
    /// How many of the venue's book hashes are recomputed.
    enum Verification: String, Sendable {
        case off
        /// Every whole book, one change in sixteen, and every change of a book under suspicion.
        case sample
        case all
    }

    let feed: FeedSettings
    let verification: Verification
    let selection: PolymarketSelection
    let live: LiveSettings
    let session: PolymarketLiveConfiguration
    let credentials: PolymarketCredentials.Source
    let isListing: Bool

    init(_ options: PolymarketOptions, _ common: CommonSettings, _ settings: inout Settings) throws(ToolFailure) {
        feed = try FeedSettings(options.feed, common: common, venue: "polymarket", defaultName: "pm", &settings)
        let word = try settings.word("verify", flag: options.verify, of: ["off", "sample", "all"], default: "sample")
        verification = Verification(rawValue: word) ?? .sample
        live = try LiveSettings(options.live, feed, &settings)
        session = try PolymarketLiveConfiguration(options, &settings)
        credentials = PolymarketCredentials.Source(&settings)
        isListing = try settings.bool("list", flag: options.list)
        selection = isListing || session.isOpenEnded ? .everything : try PolymarketSelection(options.markets)
    }
}

import ArgumentParser
import FeedSession
import UnixTool

/// The command line of `pm-feed`, as typed.
struct PolymarketOptions: ToolOptions {
    static let configuration = CommandConfiguration(
        commandName: "pm-feed",
        abstract: "Polymarket's books and trades as MarketEvents, one JSON object a line.",
        version: "mktpipe \(Doorway.version)")

    static let help = ToolHelp(
        name: "pm-feed",
        statuses: [.done, .usage, .badData, .noInput, .unavailable, .bug, .cannotCreate, .ioError, .configuration],
        examples: [
            ("pm-feed --replay session.ndjson | jq -c 'select(.type==\"trade\")'", "the trades of a recording"),
            (
                "pm-feed --replay session.ndjson --verify all --books-only | mkt-decide --rules rules.toml",
                "decide on books whose every hash was checked"
            ),
        ])

    @Argument(
        help: ArgumentHelp(
            "A slug, a polymarket.com URL, a condition id, a token id, or event:SLUG. None: all of the recording.",
            valueName: "market"))
    var markets: [String] = []

    @Option(help: ArgumentHelp("Recompute the venue's book hash: off, sample or all (default: sample).", valueName: "how much"))
    var verify: String?

    @OptionGroup(title: "Feed options")
    var feed: FeedOptions

    @OptionGroup(title: "Options of all tools")
    var common: CommonOptions
}

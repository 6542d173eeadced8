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
        environment: [
            ("POLYMARKET_API_KEY", "with --user: the account's API key …"),
            ("POLYMARKET_API_SECRET", "… its secret …"),
            ("POLYMARKET_API_PASSPHRASE", "… and its passphrase"),
            ("POLYMARKET_CREDENTIALS_FILE", "a file with these as NAME=VALUE lines instead; only its owner may read it"),
            ("POLYMARKET_ADDRESS", "the signer's address; with it own fills of a break are fetched by REST"),
        ],
        statuses: [
            .done, .usage, .badData, .noInput, .unavailable, .bug, .cannotCreate, .ioError, .credentialsRefused, .configuration,
        ],
        examples: [
            ("pm-feed will-it-rain-in-zembla | jq -c 'select(.type==\"trade\")'", "the trades of one market, as they happen"),
            ("pm-feed --top 5 --record session.ndjson", "the five busiest markets, and a recording to replay"),
            ("pm-feed --replay session.ndjson | jq -c 'select(.type==\"trade\")'", "the trades of a recording"),
            (
                "pm-feed --replay session.ndjson --verify all --books-only | mkt-decide --rules rules.toml",
                "decide on books whose every hash was checked"
            ),
        ])

    @Argument(
        help: ArgumentHelp(
            "A slug, a polymarket.com URL, a condition id, a token id, event:SLUG or tag:NAME. With --replay, none means all of the recording.",
            valueName: "market"))
    var markets: [String] = []

    @Option(help: ArgumentHelp("Recompute the venue's book hash: off, sample or all (default: sample).", valueName: "how much"))
    var verify: String?

    @Flag(help: "Every open market, and new ones as they come.")
    var all = false

    @Option(help: ArgumentHelp("The open markets with the highest volume of 24 hours.", valueName: "n"))
    var top: String?

    @Option(help: ArgumentHelp("A file of MARKETs, one a line, # comments; read again on SIGHUP.", valueName: "file"))
    var marketsFile: String?

    @Flag(help: "Print the open markets whose question or slug has all the words given as MARKET, as instrument lines, and exit.")
    var list = false

    @Option(help: ArgumentHelp("Take only the markets whose hash falls into part K of N.", valueName: "k/n"))
    var shard: String?

    @Flag(help: "Also own orders and fills, of all markets of the account.")
    var user = false

    @Option(
        name: .customLong("user-url"), help: ArgumentHelp("The user channel (default: --ws-url with user for market).", valueName: "url"))
    var userURL: String?

    @Option(name: .customLong("ws-url"), help: ArgumentHelp("The market channel (default: the venue's).", valueName: "url"))
    var wsURL: String?

    @Option(name: .customLong("clob-url"), help: ArgumentHelp("The CLOB's REST side (default: the venue's).", valueName: "url"))
    var clobURL: String?

    @Option(name: .customLong("gamma-url"), help: ArgumentHelp("The directory of markets (default: the venue's).", valueName: "url"))
    var gammaURL: String?

    @OptionGroup(title: "Feed options")
    var feed: FeedOptions

    @OptionGroup(title: "Live sessions")
    var live: LiveOptions

    @OptionGroup(title: "Options of all tools")
    var common: CommonOptions
}

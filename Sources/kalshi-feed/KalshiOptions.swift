import ArgumentParser
import FeedSession
import UnixTool

/// The command line of `kalshi-feed`, as typed.
struct KalshiOptions: ToolOptions {
    static let configuration = CommandConfiguration(
        commandName: "kalshi-feed",
        abstract: "Kalshi's books, trades and market statuses as MarketEvents, one JSON object a line.",
        discussion: """
            A market's YES and NO ladders become one absolute book of its YES side. A hole in the venue's sequence, an impossible \
            change or a message that cannot be read makes the books it concerns unknown, and says so in the stream.
            """,
        version: "mktpipe \(Doorway.version)")

    static let help = ToolHelp(
        name: "kalshi-feed",
        environment: [
            ("KALSHI_API_KEY_ID", "the id of an API key; live sessions need one (scope read is enough), --replay and --list do not"),
            ("KALSHI_PRIVATE_KEY_FILE", "the file of its private key in PEM (RSA or Ed25519); only its owner may read it"),
            ("KALSHI_PRIVATE_KEY", "the same key as text instead; \\n for newlines is fine"),
            ("KALSHI_FEED_CHANNELS", "what to emit, as --channels does"),
        ],
        statuses: [
            .done, .usage, .badData, .noInput, .unavailable, .bug, .cannotCreate, .ioError, .credentialsRefused, .configuration,
        ],
        examples: [
            ("kalshi-feed series:KXBTC15M --record session.ndjson", "one series, new markets included, and a recording to replay"),
            ("kalshi-feed --list bitcoin | jq -r .instrument", "tickers of open markets; needs no key"),
            ("kalshi-feed --replay session.ndjson | jq -c 'select(.type==\"trade\")'", "the trades of a recording"),
            ("kalshi-feed --replay session.ndjson --channels book series:KXBTC15M", "the books of one series"),
            ("kalshi-feed --replay - < session.ndjson | mkt-sink", "keep what a recording says in ./mkt.db"),
        ])

    @Argument(
        help: ArgumentHelp(
            "A ticker, a kalshi.com URL, event:TICKER or series:TICKER. With --replay, none means all of the recording.",
            valueName: "market"))
    var markets: [String] = []

    @Flag(help: "Every open market but combos, and new ones as they come.")
    var all = false

    @Option(help: ArgumentHelp("The open markets with the highest volume of 24 hours, combos left out.", valueName: "n"))
    var top: String?

    @Option(help: ArgumentHelp("A file of MARKETs, one a line, # comments; read again on SIGHUP.", valueName: "file"))
    var marketsFile: String?

    @Flag(help: "Print the open markets whose ticker or title has all the words given as MARKET, as instrument lines, and exit.")
    var list = false

    @Option(help: ArgumentHelp("Take only the markets whose hash falls into part K of N.", valueName: "k/n"))
    var shard: String?

    @Option(help: ArgumentHelp("Markets on one socket; what is beyond goes over others (default: 50000).", valueName: "n"))
    var marketsPerSocket: String?

    @Flag(help: "Also own fills, orders and positions, of all markets of the account.")
    var user = false

    @Flag(help: "The venue's demo, which has accounts and keys of its own.")
    var demo = false

    @Option(name: .customLong("ws-url"), help: ArgumentHelp("The WebSocket's address (default: the venue's).", valueName: "url"))
    var wsURL: String?

    @Option(name: .customLong("rest-url"), help: ArgumentHelp("The REST side's address (default: the venue's).", valueName: "url"))
    var restURL: String?

    @Option(
        help: ArgumentHelp(
            "What to emit: book, trade, ticker, lifecycle, with commas between (default: book,trade,lifecycle).",
            valueName: "names"))
    var channels: String?

    @OptionGroup(title: "Feed options")
    var feed: FeedOptions

    @OptionGroup(title: "Live sessions")
    var live: LiveOptions

    @OptionGroup(title: "Options of all tools")
    var common: CommonOptions
}

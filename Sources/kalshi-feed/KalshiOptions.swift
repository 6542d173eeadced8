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
        environment: [("KALSHI_FEED_CHANNELS", "what to emit, as --channels does")],
        statuses: [.done, .usage, .badData, .noInput, .unavailable, .bug, .cannotCreate, .ioError, .configuration],
        examples: [
            ("kalshi-feed --replay session.ndjson | jq -c 'select(.type==\"trade\")'", "the trades of a recording"),
            ("kalshi-feed --replay session.ndjson --channels book series:KXBTC15M", "the books of one series"),
            ("kalshi-feed --replay - < session.ndjson | mkt-sink", "keep what a recording says in ./mkt.db"),
        ])

    @Argument(
        help: ArgumentHelp(
            "A ticker, a kalshi.com URL, event:TICKER or series:TICKER. None: all of the recording.", valueName: "market"))
    var markets: [String] = []

    @Option(
        help: ArgumentHelp(
            "What to emit: book, trade, ticker, lifecycle, with commas between (default: book,trade,lifecycle).",
            valueName: "names"))
    var channels: String?

    @OptionGroup(title: "Feed options")
    var feed: FeedOptions

    @OptionGroup(title: "Options of all tools")
    var common: CommonOptions
}

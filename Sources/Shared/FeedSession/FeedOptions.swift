public import ArgumentParser

/// What every feed takes on its command line beside the options of all tools, as typed.
public struct FeedOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Read a recording (or - for standard input) instead of a socket.", valueName: "file"))
    public var replay: String?

    @Option(help: ArgumentHelp("The feed field of every line; two feeds of one venue must differ.", valueName: "name"))
    public var name: String?

    @Option(help: ArgumentHelp("Levels a side in snapshots (default: all).", valueName: "n"))
    public var depth: String?

    @Flag(help: "Also a quote line whenever best bid or best ask changes.")
    public var quotes = false

    @Flag(help: "Emit books only: no trades, tickers, quotes and statuses of markets.")
    public var booksOnly = false

    @Flag(help: "Emit trades only: no books, tickers and quotes.")
    public var tradesOnly = false

    @Flag(help: "Leave the label out of every line.")
    public var noLabel = false

    @Option(
        help: ArgumentHelp(
            "A fresh snapshot of every known book this often, for late joiners; 0 for none (default: 60s).", valueName: "span"))
    public var checkpoint: String?

    @Option(
        help: ArgumentHelp("Silence of data, not of heartbeats, that makes a socket stale; 0 for never (default: 30s).", valueName: "span"))
    public var staleAfter: String?

    @Option(
        help: ArgumentHelp(
            """
            When standard output cannot keep up with a live session: conflate folds changes of books and writes each book whole later; \
            block lets the sockets wait (default: conflate).
            """, valueName: "how"))
    public var onSlow: String?

    public init() {}
}

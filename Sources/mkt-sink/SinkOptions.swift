import ArgumentParser
import UnixTool

/// The command line as typed. `SinkConfiguration` is what it comes to.
struct SinkOptions: ToolOptions {
    static let configuration = CommandConfiguration(
        commandName: MktSink.name,
        abstract: "Write MarketEvents from standard input to a database, to files, or onward.",
        discussion: """
            Every line is checked once and goes to each target in the order given. The same lines again change nothing in a \
            database: each event has an identity. A line that is no MarketEvent reaches no target; it is counted and told.
            """,
        version: Doorway.version)

    @Option(
        help: ArgumentHelp(
            """
            sqlite:FILE, postgres://HOST/DATABASE, ndjson:DIR, table (a live view) or - (standard output); may be given several \
            times (default: sqlite:mkt.db).
            """,
            valueName: "target"))
    var to: [String] = []

    @Option(
        help: ArgumentHelp(
            "Lines in one transaction (default: 5000; 50000 where all targets are SQLite, without --spool).", valueName: "n"))
    var batch: String?

    @Option(help: ArgumentHelp("How long a line may wait for its transaction to end (default: 200ms).", valueName: "span"))
    var batchDelay: String?

    @Option(
        help: ArgumentHelp(
            "Keep lines for databases in a log here first; each database follows it at its own pace, also after it was away.",
            valueName: "dir"))
    var spool: String?

    @Option(help: ArgumentHelp("--spool: standard input waits when the log is so long (default: 10GB).", valueName: "size"))
    var spoolMax: String?

    @Option(
        help: ArgumentHelp(
            "--spool: when the log is put on the disk: each (before a database sees it), a span after, or never (default: 100ms).",
            valueName: "when"))
    var fsync: String?

    @Option(
        help: ArgumentHelp(
            "With --init: how tables in PostgreSQL are parted, day or none (default: day).", valueName: "how"))
    var partition: String?

    @Option(
        help: ArgumentHelp(
            "With --init: drop partitions in PostgreSQL that ended so long ago, such as 90d (default: keep all).", valueName: "span"))
    var retain: String?

    @Flag(help: "With --retain: detach old partitions, which stay as tables of their own.")
    var detach = false

    @Option(
        help: ArgumentHelp(
            "ndjson: when a segment is over: a span, a size or both, such as 15m, 256MB or 1h,256MB (default: 1h).", valueName: "span,size")
    )
    var rotate: String?

    @Option(
        help: ArgumentHelp(
            "ndjson: a program for sealed segments, such as \"zstd -q -f --rm\"; the path comes behind it, no shell reads it.",
            valueName: "command"))
    var compress: String?

    @Option(help: ArgumentHelp("Colours of the table: auto, always or never (default: auto, none if NO_COLOR is set).", valueName: "when"))
    var color: String?

    @Flag(name: .customLong("init"), help: "Make the targets, or migrate them to this version, and exit.")
    var isInit = false

    @Flag(name: .customLong("schema"), help: "Print the tables of the target, SQLite or PostgreSQL, as SQL and exit.")
    var isSchema = false

    @Option(
        help: ArgumentHelp(
            """
            Print the books of --market as known at this time, from what --to holds, and exit: 2026-09-25T19:00:00Z, 2026-09-25 or \
            microseconds since 1970.
            """,
            discussion: """
                Each book is a book_snapshot line, one for each feed that has it. A book that is unknown then is told on standard error, \
                and the exit status is 65; 66 if there is none.
                """,
            valueName: "time"))
    var bookAt: String?

    @Option(help: ArgumentHelp("With --book-at: markets or instruments, by the venue's id.", valueName: "id,…"))
    var market: [String] = []

    @Option(
        help: ArgumentHelp(
            "With --book-at: look no further back than this, such as 1d (default: as far as there are lines).", valueName: "span"))
    var bookBack: String?

    @OptionGroup(title: "COMMON OPTIONS")
    var common: CommonOptions
}

import ArgumentParser
import UnixTool

/// The command line of mkt-merge, as typed.
struct MergeOptions: ToolOptions {
    static let configuration = CommandConfiguration(
        commandName: "mkt-merge",
        abstract: "Merge MarketEvents of files, FIFOs and standard input into one stream in recv_us order.",
        version: "mkt-merge \(Doorway.version)")

    @Argument(
        help: ArgumentHelp("Files, FIFOs and directories of mkt-sink (ndjson:) to merge; - or none is standard input.", valueName: "input"))
    var inputs: [String] = []

    @Option(
        help: ArgumentHelp(
            "How long a live line may be held back for an older one of a slower input; 0: as they come (default: 20ms).",
            discussion: "Regular files are merged exactly, with no clock. An input that is alone is never held back.",
            valueName: "span"))
    var window: String?

    @Flag(
        help: ArgumentHelp(
            "The inputs are feeds of one venue: each trade once, each book from one feed at a time.",
            discussion: """
                When the feed whose book is shown breaks, another's follows at once by a snapshot. Book lines carry the merged feed's name \
                and a seq of their own; all other lines stay as they are. The feeds need names of their own (pm-feed --name).
                """))
    var dedupe = false

    @Option(help: ArgumentHelp("With --dedupe: the feed field of book lines (default: merge).", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "With --dedupe: a feed that says nothing for so long is dead; 0: never (default: its heartbeat interval and a fifth).",
            valueName: "span"))
    var deadAfter: String?

    @Flag(help: "FIFOs stay open when their writer goes away; the next writer is read on.")
    var follow = false

    @Option(
        help: ArgumentHelp(
            "Play recorded input by its recv_us: 1 as it was, 10 ten times as fast (default: as fast as it can be read).",
            discussion: "The first line goes at once. A signal then ends the run without reading to the end.", valueName: "factor"))
    var speed: String?

    @Option(
        help: ArgumentHelp(
            "Leave out what was received before this time: 2026-09-25T19:00:00Z, 2026-09-25 or microseconds since 1970.",
            valueName: "time"))
    var from: String?

    @Option(help: ArgumentHelp("Leave out what was received at or after this time.", valueName: "time"))
    var to: String?

    @Option(help: ArgumentHelp("Only lines of these types, such as trade,book_delta.", valueName: "type,…"))
    var only: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only lines of these markets or instruments, by the venue's id; lines about none, such as feed_status, stay.",
            valueName: "id,…"))
    var market: [String] = []

    @OptionGroup
    var common: CommonOptions
}

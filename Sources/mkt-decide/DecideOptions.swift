import ArgumentParser
import UnixTool

/// The command line of mkt-decide, as typed.
struct DecideOptions: ToolOptions {
    static let tool = "mkt-decide"

    static let configuration = CommandConfiguration(
        commandName: tool,
        abstract: "Decide by rules over MarketEvents.",
        discussion: """
            Reads MarketEvents on standard input and writes a decision line for every rule that fires. Its only clock is the stream's \
            recv_us: the same input and rules give the same bytes. The strategies are told in docs/strategies.md.
            """,
        version: Doorway.version)

    @Option(help: ArgumentHelp("Rules in TOML (default: the [rules.*] tables of the settings file).", valueName: "file"))
    var rules: String?

    @Option(help: ArgumentHelp("Linked instruments, in CSV or TOML, for rules about linked instruments.", valueName: "file"))
    var links: String?

    @Option(help: ArgumentHelp("Reference data, read only: postgres://HOST/DATABASE, sqlite:FILE, or stream.", valueName: "url"))
    var db: String?

    @Option(
        help: ArgumentHelp(
            "Say a key of a rule another way: rules.NAME.KEY=VALUE; several values with commas are one variant each.", valueName: "setting")
    )
    var set: [String] = []

    @Flag(help: "Fill decisions of action trade on paper: own_* lines tell what became of them. Nothing is ever sent anywhere.")
    var paper = false

    @Option(help: ArgumentHelp("How long an order of --paper is under way (default: 250ms).", valueName: "time"))
    var latency: String?

    @Flag(
        help: ArgumentHelp(
            "Write the input lines too, byte for byte, each decision behind the line that triggered it.",
            discussion: "What time alone brings stands before the line that is later."))
    var passThrough = false

    @Flag(help: "Tell on standard error of every rule that nearly fired what was missing.")
    var explain = false

    @Flag(help: "Check rules and links, print what would run, and exit.")
    var check = false

    @Option(help: ArgumentHelp("Decide again, compare with the decisions in this file, and write nothing.", valueName: "file"))
    var verify: String?

    @Flag(help: "Write one page of HTML about the decisions and account lines on standard input, and decide nothing.")
    var report = false

    @Flag(help: "Propose links between the instruments that are listed on standard input, as CSV for a person to approve.")
    var match = false

    @Option(help: ArgumentHelp("How many proposals each question keeps (default: 1).", valueName: "n"))
    var matchTop: String?

    @Option(help: ArgumentHelp("How sure a proposal must be, from 0 to 1 (default: 0.5).", valueName: "decimal"))
    var matchMin: String?

    @OptionGroup var common: CommonOptions

    static let help = ToolHelp(
        name: tool,
        statuses: [
            .done, .usage, .badData, .noInput, .unavailable, .tryLater, .credentialsRefused, .bug, .cannotCreate, .ioError, .configuration,
        ],
        examples: [
            ("mkt-decide --rules rules.toml --check", "check the rules and say what they would watch"),
            ("mkt-decide --rules rules.toml --links links.csv < day.ndjson", "also rules about linked instruments of two venues"),
            ("pm-feed --replay session.ndjson | mkt-decide --rules rules.toml", "decide on what a feed tells"),
            ("mkt-decide --rules rules.toml < day.ndjson > decisions.ndjson", "decide again over what was recorded"),
            ("mkt-decide --rules rules.toml --verify decisions.ndjson < day.ndjson", "prove that these are what the rules say of that day"),
            ("mkt-decide --report < decisions.ndjson > report.html", "one page about a run: tables and charts, to be opened in a browser"),
            (
                "{ pm-feed --list bitcoin; kalshi-feed --list bitcoin; } | mkt-decide --match > links.csv",
                "propose links between the venues; none counts before its status is made approved"
            ),
            (
                "kalshi-feed --replay session.ndjson | mkt-decide --rules rules.toml --pass-through | mkt-sink --to sqlite:mkt.db",
                "keep the events and the decisions about them"
            ),
        ])
}

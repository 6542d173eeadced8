public import BenchSupport
import Glibc
import JSON
import Logging
import MarketModel
import Reference
import UnixTool

/// What mkt-decide does per line of the event mix, with one rule of each strategy alone.
public enum DecidePaths {
    /// What stands in a rule's table, and what must be given beside it.
    private struct Trial {
        let strategy: String
        let keys: String
        var arguments: [String] = []
        var usesLinks = false
        /// The mix gives decisions for sure.
        var decides = false
        /// The rule is a program, which the lines are written to.
        var isProgram = false
    }

    private static let basket = "min_edge = 0.005\nmax_size = 1000\nmax_cost = 5000\nmax_age = \"2s\"\n"
    private static let trials = [
        Trial(strategy: "spread", keys: "min_spread = 0.04\n", decides: true),
        Trial(strategy: "move", keys: "window = \"10s\"\nmin_move = 0.01\n", decides: true),
        Trial(strategy: "trade_size", keys: "min_notional = 100\n", decides: true),
        Trial(strategy: "threshold", keys: "above = 0.5\nbelow = 0.4\n"),
        Trial(strategy: "imbalance", keys: "levels = 5\nmin_share = 0.8\n", decides: true),
        Trial(strategy: "arbitrage", keys: basket, usesLinks: true),
        Trial(strategy: "complement", keys: basket + "hold = \"100ms\"\n"),
        Trial(strategy: "event_set", keys: basket + "events = { \"who-wins-0\" = 3, \"who-wins-1\" = 3 }\n"),
        Trial(strategy: "resolution_arb", keys: basket),
        Trial(strategy: "stale_quote", keys: "window = \"10s\"\nmin_move = 0.02\nlag = \"2s\"\n", usesLinks: true),
        Trial(strategy: "anomaly", keys: "window = \"24h\"\nmin_z = 3\nmin_count = 30\n", arguments: ["--db", "stream"], decides: true),
        Trial(strategy: "exec", keys: "exec = [\"sh\", \"-c\", \"cat > /dev/null\"]\n", isProgram: true),
    ]

    public static var all: [HotPath] {
        CorpusSize.allCases.flatMap { size in
            let corpus = Once { EventCorpus(size) }
            return trials.map { path($0, corpus, size) }
        }
    }

    private static func path(_ trial: Trial, _ corpus: Once<EventCorpus>, _ size: CorpusSize) -> HotPath {
        HotPath("decide/\(trial.strategy)/\(size)") {
            let lines = corpus.value.mixed
            let views = lines.views
            let stage = try stage(trial, size)
            if trial.strategy == "anomaly" { try tellHistory(of: size, to: stage) }
            try give(corpus.value.prologue.views, to: stage, trial)
            let before = count("lines_in", stage)
            let check: () throws -> Void = {
                let faults = stage.counters.sorted.filter { $0.name.hasPrefix("skipped") }
                try BenchFailure.expect(faults.isEmpty, "lines were left out: \(faults)")
                let decisions = count("decisions", stage)
                try BenchFailure.expect(!trial.decides || decisions > 0, "nothing was decided")
                let books = count("books_known_now", stage)
                try BenchFailure.expect(books == corpus.value.instrumentCount, "\(books) books are known")
                if trial.isProgram { try end(stage) }
            }
            return HotRun(lines: views.count, expected: views.count, check: check) {
                try withExtendedLifetime(lines) { try give(views, to: stage, trial) }
                return count("lines_in", stage) - before
            }
        }
    }

    /// Lines of one read of the loop, about.
    private static let linesARead = 512

    /// As the loop does it: a program is served after each read, and waited for where it has no room for the next line.
    @inline(__always)
    private static func give(_ lines: [UnsafeBufferPointer<UInt8>], to stage: DecideStage, _ trial: Trial) throws {
        guard trial.isProgram else {
            for line in lines { try stage.take(line) }
            return
        }
        for (number, line) in lines.enumerated() {
            while stage.isHeld {
                Descriptor.wait(for: stage.waits, timeoutMillis: 1000)
                try stage.pass(monotonicMicros: Clock.monotonicMicros())
            }
            try stage.take(line)
            if number % linesARead == linesARead - 1 { try stage.pass(monotonicMicros: Clock.monotonicMicros()) }
        }
    }

    /// The program has got every line that the stage has.
    private static func end(_ stage: DecideStage) throws {
        try stage.finish(isLive: false)
        let (given, lost) = (count("exec_lines_one", stage), count("exec_lost_one", stage))
        try BenchFailure.expect(given == count("lines_in", stage) && lost == 0, "the program got \(given) lines and lost \(lost)")
    }

    private static func count(_ name: String, _ stage: DecideStage) -> Int {
        Int(stage.counters.sorted.first { $0.name == name }?.count ?? 0)
    }

    /// As the tool makes it of its command line; its input counts as a file's.
    private static func stage(_ trial: Trial, _ size: CorpusSize) throws -> DecideStage {
        let strategy = trial.isProgram ? "" : "strategy = \"\(trial.strategy)\"\n"
        let rule = "[rules.one]\n\(strategy)\(trial.keys)"
        var arguments = ["--heartbeat", "0", "--rules", try ScratchFolder.file("rules.toml", rule)] + trial.arguments
        if trial.usesLinks { arguments += ["--links", try ScratchFolder.file("links.csv", links(size))] }
        let options = try DecideOptions.parse(arguments)
        var settings = Settings(tool: DecideOptions.tool, environment: [:], file: nil)
        let common = try CommonSettings(options.common, &settings)
        let configuration = try DecideConfiguration(options, common, &settings)
        return try DecideStage(
            configuration, Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }, input: open("/proc/self/exe", O_RDONLY),
            output: open("/dev/null", O_WRONLY))
    }

    /// Every question of one venue is linked to that of the other.
    private static func links(_ size: CorpusSize) -> String {
        let head = "left_venue,left_instrument,right_venue,right_instrument,relation,confidence,status\n"
        return (0..<size.questions).reduce(head) { rows, question in
            let (token, ticker) = (text(Names.token(question, isYes: true)), text(Names.ticker(question)))
            return rows + "polymarket,\(token),kalshi,\(ticker),same,0.98,approved\n"
        }
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Each instrument has a hundred prices around its own.
    private static func tellHistory(of size: CorpusSize, to stage: DecideStage) throws {
        var entries: [HistoryStatistics] = []
        for question in 0..<size.questions {
            for instrument in [("polymarket", Names.token(question, isYes: true)), ("kalshi", Names.ticker(question))] {
                entries.append(
                    HistoryStatistics(
                        venue: instrument.0, instrument: text(instrument.1), windowMicros: 86_400_000_000, count: 100, sum: 40_000_000,
                        squareSum: 16_000_010_000_000, oldestMicros: 1_790_180_000_000_000, newestMicros: 1_790_266_000_000_000))
            }
        }
        var line = ByteBuffer()
        line.beginEvent(
            .reference, EventOrigin(feed: DecideOptions.tool, venue: "mktpipe"), received: Timestamp(micros: 1_790_267_000_000_000))
        line.append(.lines, integer: 0)
        line.appendKey(.content)
        try ReferenceData(history: entries).write(to: &line)
        line.endEvent()
        try stage.take(UnsafeBufferPointer(rebasing: line.bytes.dropLast()))
    }
}

import UnixTool

/// What a run is to do, without an open question.
struct SinkConfiguration: Sendable {
    enum Mode: Sendable {
        case take
        /// Make or migrate the targets only.
        case prepare
        /// Print the tables only.
        case schema
    }

    let common: CommonSettings
    let mode: Mode
    /// In the order given; none twice.
    let targets: [TargetAddress]
    /// Whether tables in PostgreSQL have a partition a day.
    let isPartitioned: Bool
    /// What becomes of old partitions when targets are made ready; nil: they stay.
    let retention: PostgresRetention?
    /// Where lines for databases go first; nil: into the databases at once.
    let spool: SpoolSettings?
    /// Lines in one transaction, at least 1.
    let batchLines: Int64
    /// How long a line may wait for its transaction to end.
    let batchDelayMicros: Int64
    let rotation: Rotation
    /// The program of `--compress` and its arguments; empty for none.
    let compressWords: [String]
    let colour: ColourChoice
    /// The books that are asked for, instead of taking lines; nil for none.
    let bookAt: BookQuestion?
    /// `NO_COLOR` is in the environment.
    let isColourRefused: Bool

    init(_ options: SinkOptions, _ common: CommonSettings, _ settings: inout Settings) throws(ToolFailure) {
        self.common = common
        targets = try SinkConfiguration.targets(options.to, &settings)
        let isSpooled = try settings.optionalText("spool", flag: options.spool) != nil
        let linesUsual = SinkConfiguration.batchLinesUsual(targets, isSpooled: isSpooled)
        batchLines = try settings.count("batch", flag: options.batch, default: linesUsual, least: 1)
        batchDelayMicros = try settings.span("batch-delay", flag: options.batchDelay, default: 200_000)
        spool = try SinkConfiguration.spool(options, batchLines, batchDelayMicros, &settings)
        isPartitioned = try settings.value(
            "partition", flag: options.partition, default: true, defaultText: "day", expectation: "day or none"
        ) { text in text == "day" ? true : text == "none" ? false : nil }
        let retain = try settings.span("retain", flag: options.retain, default: 0)
        retention = retain > 0 ? PostgresRetention(micros: retain, isDetaching: options.detach) : nil
        rotation = try settings.value(
            "rotate", flag: options.rotate, default: Rotation.standard, defaultText: "1h", expectation: Rotation.expectation
        ) { Rotation($0) }
        compressWords = try SinkConfiguration.compressWords(options.compress, &settings)
        let word = try settings.word("color", flag: options.color, of: ColourChoice.allCases.map(\.rawValue), default: "auto")
        colour = ColourChoice(rawValue: word) ?? .auto
        isColourRefused = settings.variable("NO_COLOR") != nil
        bookAt = try BookAtSettings.question(options, targets, &settings)
        mode = options.isSchema ? .schema : options.isInit ? .prepare : .take
        try checkInit(options)
        if spool != nil, mode == .take, !targets.contains(where: \.isDatabase) {
            throw ToolFailure(.usage, "--spool is for databases, and --to names none; name one, or leave --spool out")
        }
    }

    /// Lines in one transaction where nobody says how many.
    ///
    /// SQLite writes a page once a transaction, however many rows of the page are new: with some hundred instruments ten times the lines are
    /// a quarter of the pages. They cost no memory there, and `--batch-delay` ends a transaction before it is that long unless a file is read.
    /// The others keep their lines until the batch is over.
    private static func batchLinesUsual(_ targets: [TargetAddress], isSpooled: Bool) -> Int64 {
        let isSQLite = targets.allSatisfy { if case .sqlite = $0 { true } else { false } }
        return isSQLite && !isSpooled ? 50_000 : 5000
    }

    private static func spool(
        _ options: SinkOptions, _ batchLines: Int64, _ batchDelayMicros: Int64, _ settings: inout Settings
    ) throws(ToolFailure) -> SpoolSettings? {
        let directory = try settings.optionalText("spool", flag: options.spool)
        let sync = try settings.value(
            "fsync", flag: options.fsync, default: SpoolSettings.Sync.standard, defaultText: "100ms",
            expectation: SpoolSettings.Sync.expectation
        ) { SpoolSettings.Sync($0) }
        let bytesMax = try settings.value(
            "spool-max", flag: options.spoolMax, default: 10_000_000_000, defaultText: "10GB",
            expectation: "a size from 1MB up, such as 500MB or 10GB"
        ) { ByteSizes.bytes($0).flatMap { $0 >= SpoolSettings.bytesLeast ? $0 : nil } }
        guard let directory else {
            let named = [("--fsync", options.fsync), ("--spool-max", options.spoolMax)].first { $0.1 != nil }?.0
            guard let named else { return nil }
            throw ToolFailure(.usage, "\(named) is for --spool; give both, or leave it out")
        }
        return SpoolSettings(
            directory: directory.hasPrefix("-") ? "./" + directory : directory, sync: sync, bytesMax: bytesMax, batchLines: batchLines,
            batchDelayMicros: batchDelayMicros)
    }

    /// What counters call each of the targets: `sqlite`, `postgres`, `sqlite_2`.
    var targetNames: [String] {
        targets.indices.map { index in
            let kind = targets[index].kind
            let count = targets[...index].count { $0.kind == kind }
            return count > 1 ? "\(kind)_\(count)" : kind
        }
    }

    /// Options that would do nothing are a slip.
    private func checkInit(_ options: SinkOptions) throws(ToolFailure) {
        if options.detach, retention == nil {
            throw ToolFailure(.usage, "--detach says how --retain takes partitions away; give --retain SPAN")
        }
        let named = [("--retain", options.retain), ("--partition", options.partition)].first { $0.1 != nil }?.0
        guard let named, mode == .take else { return }
        throw ToolFailure(.usage, "\(named) is for --init; give both, or leave it out")
    }

    /// What a target of segments runs by.
    func segments(in directory: String, isLive: Bool) -> SegmentSettings {
        SegmentSettings(
            directory: directory, rotation: rotation, compressWords: compressWords, isLive: isLive, drainMicros: common.drainMicros)
    }

    /// Words between blanks. A program that is not there would fail for every segment, so it is told at once.
    private static func compressWords(_ flag: String?, _ settings: inout Settings) throws(ToolFailure) -> [String] {
        let words = try settings.optional("compress", flag: flag, expectation: "a program and its arguments, such as zstd -q -f --rm") {
            let words = $0.split { $0 == " " || $0 == "\t" }.map(String.init)
            return words.isEmpty ? nil : words
        }
        guard let words else { return [] }
        if let fault = ProgramWords.fault(words[0], path: EnvironmentFile.process()["PATH"]) {
            throw ToolFailure(.configuration, "--compress: \(fault); give its path, or install it")
        }
        return words
    }

    /// Flags name one target each; the environment and the settings file name several with commas between.
    private static func targets(_ flags: [String], _ settings: inout Settings) throws(ToolFailure) -> [TargetAddress] {
        if let wrong = flags.first(where: { TargetAddress($0) == nil }) {
            throw ToolFailure(.usage, "--to is '\(Settings.masked(wrong))'; give \(TargetAddress.expectation)")
        }
        let joined = flags.isEmpty ? nil : flags.joined(separator: ",")
        let targets: [TargetAddress] = try settings.value(
            "to", flag: joined, default: [TargetAddress.sqlite(path: "mkt.db")], defaultText: "sqlite:mkt.db",
            expectation: TargetAddress.expectation
        ) { text in
            let names = flags.isEmpty ? text.split(separator: ",").map(String.init) : flags
            let targets = names.compactMap { TargetAddress($0) }
            return targets.isEmpty || targets.count < names.count ? nil : targets
        }
        for case .postgres(let address) in targets where address.hasPassword {
            guard flags.isEmpty else {
                throw ToolFailure(
                    .usage,
                    "the address in --to holds a password, which everybody on this machine can see; leave it to PGPASSWORD or ~/.pgpass")
            }
            if settings.isOfFile("to"), let path = settings.filePath { try EnvironmentFile.checkPrivate(path) }
        }
        for (index, target) in targets.enumerated() where targets[..<index].contains(target) {
            throw ToolFailure(flags.isEmpty ? .configuration : .usage, "--to names the same target twice; give each once")
        }
        if targets.contains(.table), targets.contains(.standardOutput) {
            throw ToolFailure(.usage, "--to names both table and -, and both are standard output; give one of them")
        }
        return targets
    }
}

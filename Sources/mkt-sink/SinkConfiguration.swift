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
    /// Lines in one transaction, at least 1.
    let batchLines: Int64
    /// How long a line may wait for its transaction to end.
    let batchDelayMicros: Int64
    let colour: ColourChoice
    /// `NO_COLOR` is in the environment.
    let isColourRefused: Bool

    init(_ options: SinkOptions, _ common: CommonSettings, _ settings: inout Settings) throws(ToolFailure) {
        self.common = common
        targets = try SinkConfiguration.targets(options.to, &settings)
        batchLines = try settings.count("batch", flag: options.batch, default: 5000, least: 1)
        batchDelayMicros = try settings.span("batch-delay", flag: options.batchDelay, default: 200_000)
        let word = try settings.word("color", flag: options.color, of: ColourChoice.allCases.map(\.rawValue), default: "auto")
        colour = ColourChoice(rawValue: word) ?? .auto
        isColourRefused = settings.variable("NO_COLOR") != nil
        mode = options.isSchema ? .schema : options.isInit ? .prepare : .take
    }

    /// Flags name one target each; the environment and the settings file name several with commas between.
    private static func targets(_ flags: [String], _ settings: inout Settings) throws(ToolFailure) -> [TargetAddress] {
        if let wrong = flags.first(where: { TargetAddress($0) == nil }) {
            throw ToolFailure(.usage, "--to is '\(wrong)'; give \(TargetAddress.expectation)")
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
        for (index, target) in targets.enumerated() where targets[..<index].contains(target) {
            throw ToolFailure(flags.isEmpty ? .configuration : .usage, "--to names the same target twice; give each once")
        }
        if targets.contains(.table), targets.contains(.standardOutput) {
            throw ToolFailure(.usage, "--to names both table and -, and both are standard output; give one of them")
        }
        return targets
    }
}

import UnixTool

/// What mkt-decide runs by, resolved and checked: nothing in it means "default".
struct DecideConfiguration: Sendable {
    let common: CommonSettings
    let rules: RuleSet
    let links: LinkSet
    let isPassThrough: Bool
    let isExplaining: Bool
    let isCheckOnly: Bool
    /// How long orders on paper are under way; nil where there are none.
    let paperLatencyMicros: Int64?
    /// Decisions to be held against what is decided again; nil for an ordinary run.
    let verifiedPath: String?

    init(_ options: DecideOptions, _ common: CommonSettings, _ settings: inout Settings) throws(ToolFailure) {
        isPassThrough = try settings.bool("pass-through", flag: options.passThrough)
        verifiedPath = options.verify
        self.common = verifiedPath == nil ? common : common.resultsOnly
        if verifiedPath != nil, isPassThrough || common.linesMax != nil {
            throw ToolFailure(.usage, "--verify compares a whole run and writes nothing; leave out --pass-through and --limit")
        }
        isExplaining = try settings.bool("explain", flag: options.explain)
        isCheckOnly = options.check
        let typed = try TypedValues.parse(options.set)
        rules =
            if let path = try settings.optionalText("rules", flag: options.rules) {
                try RuleFile.read(path, typed)
            } else {
                try RuleFile.rules(of: settings.table("rules"), path: settings.filePath, typed)
            }
        paperLatencyMicros = try DecideConfiguration.paperLatency(options, rules, &settings)
        if let path = try settings.optionalText("links", flag: options.links) {
            links = try LinkFile.read(path)
        } else if let rule = rules.rules.first(where: { ($0.strategy as? any GroupStrategy)?.source == .links }) {
            throw ToolFailure(
                .configuration,
                "rule '\(rule.name)' looks at linked instruments and there are no links; give --links FILE (docs/strategies.md)")
        } else {
            links = .none
        }
    }

    init(common: CommonSettings, rules: RuleSet, links: LinkSet = .none, isPassThrough: Bool = false, isExplaining: Bool = false) {
        self.common = common
        self.rules = rules
        self.links = links
        self.isPassThrough = isPassThrough
        self.isExplaining = isExplaining
        isCheckOnly = false
        paperLatencyMicros = nil
        verifiedPath = nil
    }

    private static func paperLatency(
        _ options: DecideOptions, _ rules: RuleSet, _ settings: inout Settings
    ) throws(ToolFailure) -> Int64? {
        let micros = try settings.span("latency", flag: options.latency, default: 250_000)
        guard try settings.bool("paper", flag: options.paper) else { return nil }
        guard rules.rules.contains(where: { $0.action == .trade }) else {
            throw ToolFailure(.configuration, "--paper fills decisions of action \"trade\" and no rule has it; give one (docs/strategies.md)")
        }
        return micros
    }

    /// For `--check`: the rules, and the links where there are any.
    var report: String { rules.report + (links.isEmpty ? "" : links.report) }
}

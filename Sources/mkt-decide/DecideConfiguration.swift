import UnixTool

/// What mkt-decide runs by, resolved and checked: nothing in it means "default".
struct DecideConfiguration: Sendable {
    let common: CommonSettings
    let rules: RuleSet
    let links: LinkSet
    /// The tables that the rules are made of.
    let source: RuleSource
    /// Where the data come from that rules run by beside the stream.
    let reference: ReferenceOrigin
    let isPassThrough: Bool
    let isExplaining: Bool
    let isCheckOnly: Bool
    /// How long orders on paper are under way; nil where there are none.
    let paperLatencyMicros: Int64?
    /// Decisions to be held against what is decided again; nil for an ordinary run.
    let verifiedPath: String?
    /// Whether to write a page about what a run wrote, instead of deciding.
    let isReport: Bool
    /// How links are proposed; nil for a run that decides.
    let match: MatchSettings?

    init(_ options: DecideOptions, _ common: CommonSettings, _ settings: inout Settings) throws(ToolFailure) {
        let matchSettings = try MatchSettings(options, &settings)
        match = options.match ? matchSettings : nil
        isPassThrough = try settings.bool("pass-through", flag: options.passThrough)
        verifiedPath = options.verify
        isReport = options.report
        self.common = verifiedPath == nil && match == nil && !isReport ? common : common.resultsOnly
        if match == nil, verifiedPath != nil, isPassThrough || common.linesMax != nil {
            throw ToolFailure(.usage, "--verify compares a whole run and writes nothing; leave out --pass-through and --limit")
        }
        isExplaining = try settings.bool("explain", flag: options.explain)
        isCheckOnly = options.check
        if isReport { try ReportStage.check(options) }
        let typed = try TypedValues.parse(options.set)
        let rulesPath = try settings.optionalText("rules", flag: options.rules)
        let linksPath = try settings.optionalText("links", flag: options.links)
        let timings = try ReferenceNeeds.timings(&settings)
        let url = try settings.optionalText("db", flag: options.db)
        let latency = try settings.span("latency", flag: options.latency, default: 250_000)
        let isPaper = try settings.bool("paper", flag: options.paper)
        let table = settings.table("rules")
        guard match == nil, !isReport else {
            // Settings of other runs may stand in the file all the same.
            (rules, links, source, reference, paperLatencyMicros) = (RuleSet([]), .none, RuleSource(table: nil, path: nil), .none, nil)
            return
        }
        source =
            try rulesPath.map { path throws(ToolFailure) in try RuleSource(path: path, typed: typed) }
            ?? RuleSource(table: table, path: settings.filePath, typed: typed)
        rules = try source.rules()
        if options.verify == nil { try DecideConfiguration.checkPrograms(rules) }
        paperLatencyMicros = isPaper ? latency : nil
        links = try linksPath.map(LinkFile.read) ?? .none
        reference = try ReferenceOrigin(
            rules, hasLinks: linksPath != nil, url, isFlag: options.db != nil, verifiedPath: verifiedPath, timings, settings)
        if isPaper, !rules.rules.contains(where: { $0.action == .trade }) {
            throw ToolFailure(
                .configuration, "--paper fills decisions of action \"trade\" and no rule has it; give one (docs/strategies.md)")
        }
        if case .none = reference, linksPath == nil, let rule = rules.rules.first(where: \.usesLinks) {
            throw ToolFailure(
                .configuration,
                "rule '\(rule.name)' looks at linked instruments and there are no links; give --links FILE, or --db (docs/strategies.md)")
        }
    }

    private static func checkPrograms(_ rules: RuleSet) throws(ToolFailure) {
        for rule in rules.rules {
            guard let strategy = rule.strategy as? ExternalStrategy else { continue }
            guard let fault = ProgramWords.fault(strategy.words[0], path: EnvironmentFile.process()["PATH"]) else { continue }
            throw ToolFailure(.configuration, "\(strategy.place): exec: \(fault); give its path, or install it")
        }
    }

    init(common: CommonSettings, rules: RuleSet, links: LinkSet = .none, isPassThrough: Bool = false, isExplaining: Bool = false) {
        source = RuleSource(table: nil, path: nil)
        reference = .none
        self.common = common
        self.rules = rules
        self.links = links
        self.isPassThrough = isPassThrough
        self.isExplaining = isExplaining
        isCheckOnly = false
        paperLatencyMicros = nil
        verifiedPath = nil
        isReport = false
        match = nil
    }

    /// For `--check`: the rules, and the links where there are any; as a database says them, where one is named.
    func report(_ set: ReferenceSet?) -> String {
        let links = set?.links ?? links
        return (set?.rules ?? rules).report + (links.isEmpty ? "" : links.report) + (set?.report ?? "")
    }
}

import UnixTool

/// What mkt-decide runs by, resolved and checked: nothing in it means "default".
struct DecideConfiguration: Sendable {
    let common: CommonSettings
    let rules: RuleSet
    let links: LinkSet
    let isPassThrough: Bool
    let isExplaining: Bool
    let isCheckOnly: Bool
    /// Decisions to be held against what is decided again; nil for an ordinary run.
    let verifiedPath: String?
    /// How links are proposed; nil for a run that decides.
    let match: MatchSettings?

    init(_ options: DecideOptions, _ common: CommonSettings, _ settings: inout Settings) throws(ToolFailure) {
        let matchSettings = try MatchSettings(options, &settings)
        match = options.match ? matchSettings : nil
        isPassThrough = try settings.bool("pass-through", flag: options.passThrough)
        verifiedPath = options.verify
        self.common = verifiedPath == nil && match == nil ? common : common.resultsOnly
        if match == nil, verifiedPath != nil, isPassThrough || common.linesMax != nil {
            throw ToolFailure(.usage, "--verify compares a whole run and writes nothing; leave out --pass-through and --limit")
        }
        isExplaining = try settings.bool("explain", flag: options.explain)
        isCheckOnly = options.check
        let rulesPath = try settings.optionalText("rules", flag: options.rules)
        let linksPath = try settings.optionalText("links", flag: options.links)
        let rulesTable = settings.table("rules")
        guard match == nil else {
            (rules, links) = (RuleSet([]), .none)
            return
        }
        rules =
            if let path = rulesPath {
                try RuleFile.read(path)
            } else {
                try RuleFile.rules(of: rulesTable, path: settings.filePath)
            }
        if let path = linksPath {
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
        verifiedPath = nil
        match = nil
    }

    /// For `--check`: the rules, and the links where there are any.
    var report: String { rules.report + (links.isEmpty ? "" : links.report) }
}

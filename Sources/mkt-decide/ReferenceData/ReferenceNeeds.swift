import Reference
import TOML
import UnixTool

/// What rules want of a database, and where it is.
struct ReferenceNeeds: Sendable {
    let source: ReferenceSource
    let queries: ReferenceQueries
    /// Of histories, in microseconds.
    let windows: [Int64]
    let settings: ReferenceSettings

    /// How often and how long a database is asked.
    static func timings(_ settings: inout Settings) throws(ToolFailure) -> ReferenceSettings {
        let defaults = ReferenceSettings()
        var timings = defaults
        let refresh = try settings.span("db-refresh", flag: nil, default: defaults.refreshMicros ?? 0)
        timings.refreshMicros = refresh > 0 ? refresh : nil
        timings.statementMicrosMax = max(try settings.span("db-statement-timeout", flag: nil, default: defaults.statementMicrosMax), 1000)
        timings.connectMicrosMax = max(try settings.span("db-connect-timeout", flag: nil, default: defaults.connectMicrosMax), 1000)
        return timings
    }

    init(
        _ rules: RuleSet, _ url: String, isFlag: Bool, usesLinks: Bool, _ timings: ReferenceSettings, _ settings: Settings
    ) throws(ToolFailure) {
        source = try ReferenceSource(url, isFlag: isFlag)
        if source.hasPassword, settings.isOfFile("db"), let path = settings.filePath { try EnvironmentFile.checkPrivate(path) }
        self.settings = timings
        var wanted: Set<ReferenceQuery> = usesLinks ? [.links] : []
        if rules.rules.contains(where: \.usesParameters) { wanted.insert(.parameters) }
        if rules.rules.contains(where: { $0.strategy.valueName != nil }) { wanted.insert(.values) }
        windows = rules.rules.compactMap { $0.strategy.historyMicros }
        if !windows.isEmpty { wanted.insert(.history) }
        queries = try ReferenceQueries(
            wanted: wanted, table: settings.table("database")?["queries"]?.table, path: settings.filePath ?? "settings")
    }

    var usesLinks: Bool { queries.wanted.contains(.links) }
}

extension Rule {
    /// Whether it cannot run without a database.
    var usesDatabase: Bool { usesParameters || strategy.valueName != nil || strategy.historyMicros != nil }

    /// Whether it looks at linked instruments.
    var usesLinks: Bool {
        guard let source = (strategy as? any GroupStrategy)?.source else { return false }
        return source == .links || source == .settled(throughLinks: true)
    }
}

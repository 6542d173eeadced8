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
        timings.statementMicrosMax = try timeout("db-statement-timeout", defaults.statementMicrosMax, &settings)
        timings.connectMicrosMax = try timeout("db-connect-timeout", defaults.connectMicrosMax, &settings)
        return timings
    }

    /// PostgreSQL counts its timeouts in milliseconds of 31 bits, and takes zero for none.
    private static func timeout(_ key: String, _ micros: Int64, _ settings: inout Settings) throws(ToolFailure) -> Int64 {
        try settings.value(
            key, flag: nil, default: micros, defaultText: Durations.text(micros), expectation: "a span of time from 1ms to 24d"
        ) { text in
            Durations.micros(text).flatMap { (1000...24 * 86_400_000_000).contains($0) ? $0 : nil }
        }
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
    /// Whether it looks at linked instruments.
    var usesLinks: Bool {
        guard let source = (strategy as? any GroupStrategy)?.source else { return false }
        return source == .links || source == .settled(throughLinks: true)
    }
}

import JSON
import Reference
import UnixTool

/// The rules and links that run, with the data of a database that made them so.
struct ReferenceSet: Sendable {
    let data: ReferenceData
    let rules: RuleSet
    /// nil: the links are not the database's.
    let links: LinkSet?
    /// What is said of each instrument.
    let instruments: [Link.End: InstrumentReference]
    /// The data as a line of the stream tells them.
    let content: [UInt8]
    /// Rules that have parameters in the database and do not ask for them here, or are not here at all.
    let strangers: [String]

    /// - Parameters:
    ///   - usesLinks: Whether links come from the database.
    ///   - windows: The windows for which it was asked for histories; nil for all that there are.
    init(_ data: ReferenceData, _ source: RuleSource, usesLinks: Bool, windows: [Int64]? = nil) throws(ToolFailure) {
        self.data = data
        rules = try source.rules(data.parameters.map { RuleSource.Parameter(rule: $0.rule, key: $0.key, value: $0.value) })
        if let windows, let rule = rules.rules.first(where: { $0.strategy.historyMicros.map { !windows.contains($0) } ?? false }) {
            throw ToolFailure(
                .configuration,
                "parameter 'window' of rule '\(rule.name)' in the database: a history is asked for once; take the row away")
        }
        links = usesLinks ? try LinkSet(ReferenceSet.rows(data.links)) : nil
        instruments = InstrumentReference.all(of: data)
        var buffer = ByteBuffer()
        data.write(to: &buffer)
        content = Array(buffer.bytes)
        let asking = source.askingRules
        strangers = Set(data.parameters.map(\.rule)).subtracting(asking).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Of parameters that change nothing here; nil where all do. Several rule files may share a table, so it is no fault.
    var strangersWarning: String? {
        guard !strangers.isEmpty else { return nil }
        return "the database has parameters of rules that are not here, or do not say parameters = \"database\": "
            + strangers.joined(separator: ", ")
    }

    /// For `--check`.
    var report: String {
        "reference data: \(data.parameters.count) parameters, \(data.values.count) values, \(data.history.count) histories, "
            + "\(data.links.count) links, version \(data.version)\n" + (strangersWarning.map { "\($0)\n" } ?? "")
    }

    private static func rows(_ links: [[String]]) -> [LinkRow] {
        links.enumerated().map { index, texts in
            LinkRow(path: "table of links", line: index + 1, values: Dictionary(uniqueKeysWithValues: zip(Link.columns, texts)))
        }
    }
}

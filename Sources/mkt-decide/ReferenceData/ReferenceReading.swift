import Reference

/// How reference data become rules and links.
struct ReferenceReading: Sendable {
    let source: RuleSource
    /// Whether links come from the database.
    let usesLinks: Bool
    /// For which windows it was asked for histories; nil where a stream tells them.
    let windows: [Int64]?
    /// Whether the data are those of a `reference` line of the stream, and no database is asked.
    let isOfStream: Bool
}

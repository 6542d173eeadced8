import UnixTool

/// Which instruments a rule concerns: what every rule may say, whatever its strategy.
struct RuleScope: Equatable, Sendable {
    /// Empty: all of them.
    let venues: [String]
    let markets: [String]
    let instruments: [String]
    /// nil: any label, and none.
    let label: Glob?

    init(_ reader: inout RuleReader) throws(ToolFailure) {
        venues = try reader.texts("venue")
        markets = try reader.texts("market")
        instruments = try reader.texts("instrument")
        label = try RuleScope.label(&reader)
    }

    private static func label(_ reader: inout RuleReader) throws(ToolFailure) -> Glob? {
        guard let pattern = try reader.text("label", expectation: "a pattern in quotes, such as \"btc-*\"") else { return nil }
        guard let glob = Glob(pattern) else {
            throw reader.failure(
                at: "label", "label is '\(pattern)', whose [ has no end or runs backwards; write [a-z], or [[] for a bracket")
        }
        return glob
    }

    /// Whether the part that never changes for an instrument fits.
    func coversIdentity(venue: String, market: String, instrument: String) -> Bool {
        (venues.isEmpty || venues.contains(venue)) && (markets.isEmpty || markets.contains(market))
            && (instruments.isEmpty || instruments.contains(instrument))
    }

    /// Whether the latest label fits; an instrument without one fits no pattern.
    func coversLabel(_ text: String?) -> Bool {
        guard let label else { return true }
        return text.map(label.matches) ?? false
    }

    /// For `--check`: `all instruments`, or what narrows them.
    var summary: String {
        let parts = [("venue", venues), ("market", markets), ("instrument", instruments), ("label", label.map { [$0.pattern] } ?? [])]
        let said = parts.filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1.joined(separator: " or "))" }
        return said.isEmpty ? "all instruments" : said.joined(separator: ", ")
    }
}

import JSON
import UnixTool

/// How links are proposed (`--match`).
struct MatchSettings: Equatable, Sendable {
    /// How many of the best each question keeps.
    var top = 1
    /// Millionths: what is less sure is not told.
    var least: Int64 = 500_000

    init() {}

    init(_ options: DecideOptions, _ settings: inout Settings) throws(ToolFailure) {
        let refused: [(String, Bool)] = [
            ("--check", options.check), ("--verify", options.verify != nil), ("--pass-through", options.passThrough),
            ("--explain", options.explain), ("--rules", options.rules != nil), ("--links", options.links != nil),
            ("--db", options.db != nil), ("--paper", options.paper), ("--latency", options.latency != nil), ("--set", !options.set.isEmpty),
            ("--report", options.report), ("--limit", options.common.limit != nil),
        ]
        for (name, isGiven) in refused where isGiven && options.match {
            throw ToolFailure(.usage, "--match proposes links and decides nothing; leave out \(name)")
        }
        guard options.match || (options.matchTop == nil && options.matchMin == nil) else {
            throw ToolFailure(.usage, "--match-top and --match-min go with --match; give that too")
        }
        let count = try settings.optional("match-top", flag: options.matchTop, expectation: "a whole number from 1 to 100") { text in
            Int(text).flatMap { (1...100).contains($0) ? $0 : nil }
        }
        top = count ?? top
        let value = try settings.optional("match-min", flag: options.matchMin, expectation: "a decimal from 0 to 1, such as 0.5") { text in
            var text = text
            let millionths = text.withUTF8 { bytes in try? Decimal6.parse(JSONText(bytes)) }
            return millionths.flatMap { (0...Decimal6.one).contains($0) ? $0 : nil }
        }
        least = value ?? least
    }
}

import TOML
import UnixTool

/// What every rule about several books says: how much it wants to earn, how much it may take, how old books may be.
struct BasketLimits: Equatable, Sendable {
    /// Dollars a share after fees, in millionths.
    let minEdge: Int64
    /// Shares in millionths.
    let maxSize: Int64
    /// Dollars in millionths.
    let maxCost: Int64
    /// Every book is younger than this.
    let maxAgeMicros: Int64
    /// A finding has to be there for so long before it counts.
    let holdMicros: Int64
    /// By venue.
    let roundings: [String: FeeRounding]

    /// Shares are traded in hundredths here, whatever finer sizes rest in the books.
    static let sizeStep: Int64 = 10_000

    init(
        minEdge: Int64, maxSize: Int64, maxCost: Int64, maxAgeMicros: Int64, holdMicros: Int64 = 0,
        roundings: [String: FeeRounding] = FeeRounding.byVenue
    ) {
        self.minEdge = minEdge
        self.maxSize = maxSize
        self.maxCost = maxCost
        self.maxAgeMicros = maxAgeMicros
        self.holdMicros = holdMicros
        self.roundings = roundings
    }

    /// - Parameter needsHold: Whether `hold` has no default.
    init(_ reader: inout RuleReader, needsHold: Bool = false) throws(ToolFailure) {
        minEdge = try reader.requireDecimal(
            "min_edge", in: 0...999_999, expectation: "dollars a share from 0 up and below 1, such as 0.005")
        maxSize = try reader.requireDecimal(
            "max_size", in: BasketLimits.sizeStep...Int64.max, expectation: "a number of shares, 0.01 or more, such as 1000")
        maxCost = try reader.requireDecimal("max_cost", in: 1...Int64.max, expectation: "dollars above 0, such as 5000")
        maxAgeMicros = try reader.requireSpan("max_age", least: 1)
        let hold = try reader.span("hold", least: 0)
        if needsHold, hold == nil {
            throw reader.failure(
                "hold is missing; give a span of time such as \"100ms\", or \"0\" (docs/strategies.md says when that is right)")
        }
        holdMicros = hold ?? 0
        roundings = try BasketLimits.roundings(&reader)
    }

    private static func roundings(_ reader: inout RuleReader) throws(ToolFailure) -> [String: FeeRounding] {
        let words = FeeRounding.allCases.map(\.rawValue)
        let expectation = "a table such as { kalshi = \"cent_up\" }, each of \(words.joined(separator: ", "))"
        var roundings = FeeRounding.byVenue
        for (venue, value) in try reader.entries("fee_rounding", expectation: expectation) ?? [] {
            guard case .string(let word) = value.content, let rounding = FeeRounding(rawValue: word) else {
                let said = value.plainText ?? value.kindName
                let nearest = NearestWord.of(said, among: words) ?? ""
                throw reader.failure(
                    at: "fee_rounding", "fee_rounding of \(venue) is '\(said)'; did you mean '\(nearest)'? Give \(expectation)")
            }
            roundings[venue] = rounding
        }
        return roundings
    }

    /// For the canonical text of the rule.
    var values: [String: RuleValue] {
        [
            "min_edge": .millionths(minEdge), "max_size": .millionths(maxSize), "max_cost": .millionths(maxCost),
            "max_age_us": .integer(maxAgeMicros), "hold_us": .integer(holdMicros),
            "fee_rounding": .table(roundings.mapValues { .text($0.rawValue) }),
        ]
    }

    /// For `--check`, behind "when … earns ".
    var summary: String {
        let held = holdMicros > 0 ? " for \(Durations.text(holdMicros))" : ""
        return "\(ExactText.millionths(minEdge)) a share\(held), up to \(ExactText.millionths(maxSize)) shares and "
            + "\(ExactText.millionths(maxCost)) dollars, books younger than \(Durations.text(maxAgeMicros))"
    }
}

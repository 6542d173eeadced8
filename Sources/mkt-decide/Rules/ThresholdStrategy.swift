import MarketModel
import UnixTool

/// Fires when the last trade crosses a level: up to `above` or higher from below it, or down to `below` or lower from above it.
///
/// The first trade of an instrument only says on which side it stands.
struct ThresholdStrategy: TradeStrategy {
    struct Memory: StrategyMemory {
        /// The price of the trade before; nil before the first.
        var last: Price?
        /// The one before that, for `nearMiss`.
        var previous: Price?
        var reference: InstrumentReference?

        mutating func take(_ reference: InstrumentReference?) { self.reference = reference }
    }

    static let name = "threshold"
    let above: Price?
    let below: Price?
    /// The reference value from which both are counted, up and down; nil: from zero.
    let valueName: String?

    init(_ reader: inout RuleReader) throws(ToolFailure) {
        let above = try reader.decimal("above", in: 1...1_000_000, expectation: "a price above 0 and up to 1, such as 0.6")
        let below = try reader.decimal("below", in: 0...999_999, expectation: "a price from 0 up and below 1, such as 0.4")
        guard above != nil || below != nil else {
            throw reader.failure("above and below are missing; give one or both, such as above = 0.6")
        }
        valueName = try reader.text("reference", expectation: "the name of a reference value in quotes, such as \"fair\"")
        self.above = above.map(Price.init(millionths:))
        self.below = below.map(Price.init(millionths:))
    }

    var values: [String: RuleValue] {
        var values: [String: RuleValue] = [:]
        if let above { values["above"] = .millionths(above.millionths) }
        if let below { values["below"] = .millionths(below.millionths) }
        if let valueName { values["reference"] = .text(valueName) }
        return values
    }

    var summary: String {
        let base = valueName.map { " \($0) of the database" } ?? ""
        let up = above.map { "rises to\(base)\(base.isEmpty ? " " : " + ")\(ExactText.millionths($0.millionths))" }
        let down = below.map { "falls to\(base)\(base.isEmpty ? " " : " - ")\(ExactText.millionths($0.millionths))" }
        return "the last trade " + [up, down].compactMap { $0 }.joined(separator: " or ")
    }

    func see(_ trade: TradeSight, _ memory: inout Memory) -> Finding? {
        memory.previous = memory.last
        memory.last = trade.price
        guard let previous = memory.previous, let (above, below) = levels(memory) else { return nil }
        if let above, previous < above, trade.price >= above {
            return Finding(note(trade.price, ">=", above, previous), trade: trade)
        }
        if let below, previous > below, trade.price <= below {
            return Finding(note(trade.price, "<=", below, previous), trade: trade)
        }
        return nil
    }

    /// Where the levels are now; nil where the database does not say the value that they are counted from.
    private func levels(_ memory: Memory) -> (above: Price?, below: Price?)? {
        guard let valueName else { return (above, below) }
        guard let base = memory.reference?.values[valueName] else { return nil }
        // A level beyond 64 bits is one that no price crosses.
        let up = above.flatMap { Price(exactly: base.addingReportingOverflow($0.millionths)) }
        let down = below.flatMap { Price(exactly: base.subtractingReportingOverflow($0.millionths)) }
        return (up, down)
    }

    func nearMiss(_ trade: TradeSight, _ memory: Memory) -> String? {
        guard let (above, below) = levels(memory) else { return "the database has no value \(valueName ?? "") of it" }
        if memory.previous == nil, above.map({ trade.price >= $0 }) ?? false || below.map({ trade.price <= $0 }) ?? false {
            return "the first trade \(ExactText.millionths(trade.price.millionths)) only sets the side"
        }
        guard let previous = memory.previous else { return nil }
        if let above, trade.price < above, above.millionths - trade.price.millionths <= NearMiss.priceMillionths {
            return note(trade.price, "<", above, previous).text
        }
        if let below, trade.price > below, trade.price.millionths - below.millionths <= NearMiss.priceMillionths {
            return note(trade.price, ">", below, previous).text
        }
        return nil
    }

    /// `trade 0.61 >= 0.6 (before 0.58)`.
    private func note(_ price: Price, _ relation: StaticString, _ level: Price, _ previous: Price) -> Note {
        "trade \(millionths: price.millionths) \(relation) \(millionths: level.millionths) (before \(millionths: previous.millionths))"
    }
}

extension Price {
    fileprivate init?(exactly sum: (partialValue: Int64, overflow: Bool)) {
        guard !sum.overflow else { return nil }
        self.init(millionths: sum.partialValue)
    }
}

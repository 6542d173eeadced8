import MarketModel
import UnixTool

/// Fires when the spread rises to `min_spread`, and not again before it was below.
///
/// The spread is `best ask - best bid` in dollars. A book that was unknown or one-sided counts as below: the first wide sight fires.
/// A crossed book has a negative spread.
struct SpreadStrategy: BookStrategy {
    struct Memory: StrategyMemory {
        /// The last sight was at or above `min_spread`.
        var isWide = false
    }

    static let name = "spread"
    /// Millionths of a dollar.
    let minSpread: Int64

    init(_ reader: inout RuleReader) throws(ToolFailure) {
        minSpread = try reader.requireDecimal(
            "min_spread", in: 1...1_000_000, expectation: "a spread in dollars above 0 and up to 1, such as 0.05")
    }

    var values: [String: RuleValue] { ["min_spread": .millionths(minSpread)] }

    var summary: String { "the spread reaches \(ExactText.millionths(minSpread))" }

    func see(_ slot: BookSlot, _ memory: inout Memory) -> Finding? {
        let wasWide = memory.isWide
        guard let spread = slot.top.spreadMillionths, spread >= minSpread else {
            memory.isWide = false
            return nil
        }
        memory.isWide = true
        return wasWide ? nil : Finding(note(slot.top, spread, ">="))
    }

    func nearMiss(_ slot: BookSlot, _ memory: Memory) -> String? {
        guard let spread = slot.top.spreadMillionths, spread < minSpread, NearMiss.isNear(spread, to: minSpread) else { return nil }
        return note(slot.top, spread, "<").text
    }

    /// `spread 0.06 >= 0.05 (bid 0.4, ask 0.46)`.
    private func note(_ top: BookTop, _ spread: Int64, _ relation: StaticString) -> Note {
        let (bid, ask) = (top.bid?.millionths ?? 0, top.ask?.millionths ?? 0)
        return "spread \(millionths: spread) \(relation) \(millionths: minSpread) (bid \(millionths: bid), ask \(millionths: ask))"
    }
}

import MarketModel
import UnixTool

/// Fires when one side of the book outweighs the other: its size in the best levels reaches `min_share` of that of both sides.
///
/// A book with an empty side, a crossed book and one that was unknown are in balance: the first sight beyond fires.
struct ImbalanceStrategy: BookStrategy {
    struct Memory: StrategyMemory {
        /// The side that outweighed the other at the last sight.
        var heavy: Side?
    }

    static let name = "imbalance"
    static let looksDeep = true
    private static let levelsMax: Int64 = 1000

    /// How many of the best levels count on each side.
    let levels: Int
    /// Of the size on both sides, in millionths.
    let minShare: Int64

    init(_ reader: inout RuleReader) throws(ToolFailure) {
        levels = Int(try reader.requireCount("levels", in: 1...ImbalanceStrategy.levelsMax))
        minShare = try reader.requireDecimal(
            "min_share", in: 500_001...999_999, expectation: "a share of the size on both sides above 0.5 and below 1, such as 0.8")
    }

    var values: [String: RuleValue] { ["levels": .integer(Int64(levels)), "min_share": .millionths(minShare)] }

    var summary: String {
        "one side's size in the best \(levels) levels reaches \(ExactText.millionths(minShare)) of both"
    }

    func see(_ slot: BookSlot, _ memory: inout Memory) -> Finding? {
        let (bids, asks) = sizes(slot)
        let was = memory.heavy
        memory.heavy = heavySide(bids, asks, minShare)
        guard let heavy = memory.heavy, heavy != was else { return nil }
        return Finding(note(bids, asks, heavy, ">="))
    }

    func nearMiss(_ slot: BookSlot, _ memory: Memory) -> String? {
        let (bids, asks) = sizes(slot)
        // A fifth of the way from balance is left at most.
        let near = minShare - (minShare - 500_000) / 5
        guard memory.heavy == nil, let heavy = heavySide(bids, asks, max(near, 500_001)) else { return nil }
        return note(bids, asks, heavy, "<").text
    }

    /// Millionths of shares in the best levels; zero on both sides where the book is in no state to say.
    private func sizes(_ slot: BookSlot) -> (bids: Int128, asks: Int128) {
        guard !slot.book.isCrossed, !slot.book.bids.isEmpty, !slot.book.asks.isEmpty else { return (0, 0) }
        return (size(slot.book.bids.levels), size(slot.book.asks.levels))
    }

    private func size(_ side: [Level]) -> Int128 {
        var sum: Int128 = 0
        for index in max(0, side.count - levels)..<side.count { sum += Int128(side[index].size.millionths) }
        return sum
    }

    private func heavySide(_ bids: Int128, _ asks: Int128, _ share: Int64) -> Side? {
        let both = (bids + asks) * Int128(share)
        guard both > 0 else { return nil }
        if bids * 1_000_000 >= both { return .bid }
        return asks * 1_000_000 >= both ? .ask : nil
    }

    /// `bids 80 of 100 in the best 5 levels >= 0.8`.
    private func note(_ bids: Int128, _ asks: Int128, _ heavy: Side, _ relation: StaticString) -> Note {
        let (word, size): (StaticString, Int128) = heavy == .bid ? ("bids", bids) : ("asks", asks)
        let both = bids + asks
        return "\(word) \(size, decimals: 6) of \(both, decimals: 6) in the best \(levels) levels \(relation) \(millionths: minShare)"
    }
}

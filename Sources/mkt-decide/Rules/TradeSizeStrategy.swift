import JSON
import MarketModel
import UnixTool

/// Fires at every trade whose `price × size` reaches `min_notional` dollars.
struct TradeSizeStrategy: TradeStrategy {
    struct Memory: StrategyMemory {}

    static let name = "trade_size"
    /// Millionths of a dollar.
    let minNotional: Int64

    init(_ reader: inout RuleReader) throws(ToolFailure) {
        minNotional = try reader.requireDecimal(
            "min_notional", in: 0...Int64.max, expectation: "dollars from 0 up with at most six decimals, such as 10000")
    }

    var values: [String: RuleValue] { ["min_notional": .millionths(minNotional)] }

    var summary: String { "price x size of a trade reaches \(ExactText.millionths(minNotional))" }

    func see(_ trade: TradeSight, _ memory: inout Memory) -> Finding? {
        let notional = TradeSizeStrategy.notional(trade)
        guard notional >= Int128(minNotional) * Int128(Decimal6.one) else { return nil }
        let finding = Finding(note(trade, notional, ">="), trade: trade)
        finding.size = trade.size
        let (cost, rest) = notional.quotientAndRemainder(dividingBy: Int128(Decimal6.one))
        if rest == 0 { finding.cost = Int64(exactly: cost) }
        return finding
    }

    func nearMiss(_ trade: TradeSight, _ memory: Memory) -> String? {
        let notional = TradeSizeStrategy.notional(trade)
        let wanted = Int128(minNotional) * Int128(Decimal6.one)
        return notional < wanted && NearMiss.isNear(notional, to: wanted) ? note(trade, notional, "<").text : nil
    }

    /// Dollars in millionths of millionths: exact for every price and size.
    static func notional(_ trade: TradeSight) -> Int128 {
        Int128(trade.price.millionths) * Int128(trade.size.millionths)
    }

    /// `notional 12000.5 >= 10000 (0.4 x 30001.25)`.
    private func note(_ trade: TradeSight, _ notional: Int128, _ relation: StaticString) -> Note {
        let (price, size) = (trade.price.millionths, trade.size.millionths)
        return "notional \(notional, decimals: 12) \(relation) \(millionths: minNotional) (\(millionths: price) x \(millionths: size))"
    }
}

import MarketModel
import Testing

@testable import mkt_decide

/// What `--explain` has to say of rules that nearly fired.
struct NearMissTests {
    private func strategy<Wanted: Strategy>(_ text: String, _ type: Wanted.Type) throws -> Wanted {
        let rules = try RuleFile.parse("[rules.r]\n" + text, path: "r.toml")
        return try #require(rules.rules[0].strategy as? Wanted)
    }

    private func sight(_ bid: Int64, _ ask: Int64, at time: Int64 = 1) -> BookSight {
        BookSight(
            top: BookTop(bid: Price(millionths: bid), ask: Price(millionths: ask)),
            mark: BookMark(conn: 1, seq: 1, received: Timestamp(micros: time)))
    }

    @Test func spread_speaksFromFourFifthsOn() throws {
        let spread = try strategy("strategy = \"spread\"\nmin_spread = 0.05", SpreadStrategy.self)
        #expect(spread.nearMiss(sight(400_000, 440_000), in: OrderBook(), .init()) == "spread 0.04 < 0.05 (bid 0.4, ask 0.44)")
        #expect(spread.nearMiss(sight(400_000, 439_999), in: OrderBook(), .init()) == nil)
        #expect(spread.nearMiss(sight(400_000, 450_000), in: OrderBook(), .init()) == nil)
    }

    @Test func move_tellsFromWhereToWhere() throws {
        let move = try strategy("strategy = \"move\"\nwindow = \"10s\"\nmin_move = 0.05", MoveStrategy.self)
        var memory = MoveWindow()
        #expect(move.see(sight(400_000, 420_000), in: OrderBook(), &memory) == nil)
        #expect(move.nearMiss(sight(400_000, 420_000), in: OrderBook(), memory) == nil)
        #expect(move.see(sight(445_000, 465_000, at: 2), in: OrderBook(), &memory) == nil)
        let told = move.nearMiss(sight(445_000, 465_000, at: 2), in: OrderBook(), memory)
        #expect(told == "mid moved 0.045 < 0.05 within 10s (0.41 to 0.455)")
    }

    @Test func tradeSize_tellsTheNotional() throws {
        let whale = try strategy("strategy = \"trade_size\"\nmin_notional = 10", TradeSizeStrategy.self)
        let trade = TradeSight(price: Price(millionths: 500_000), size: Size(millionths: 19_000_000))
        #expect(whale.nearMiss(trade, .init()) == "notional 9.5 < 10 (0.5 x 19)")
    }

    @Test func threshold_tellsTheFirstTradeAndNearPrices() throws {
        let cross = try strategy("strategy = \"threshold\"\nabove = 0.6\nbelow = 0.4", ThresholdStrategy.self)
        var memory = ThresholdStrategy.Memory()
        func nearMiss(_ price: Int64) -> String? {
            let trade = TradeSight(price: Price(millionths: price), size: Size(millionths: 1))
            #expect(cross.see(trade, &memory) == nil)
            return cross.nearMiss(trade, memory)
        }
        #expect(nearMiss(610_000) == "the first trade 0.61 only sets the side")
        #expect(nearMiss(590_000) == "trade 0.59 < 0.6 (before 0.61)")
        #expect(nearMiss(500_000) == nil)
        #expect(nearMiss(420_000) == "trade 0.42 > 0.4 (before 0.5)")
    }
}

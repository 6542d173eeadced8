import MarketModel
import Testing

@testable import mkt_decide

/// A book of one level a side that one rule looks at.
private struct BookSample: ~Copyable {
    private var books: BookTable
    private var seq: Int64 = 0

    init(_ rule: Rule) {
        let plan = WatchPlan([(0, rule.strategy)])
        books = BookTable(plan)
        books.append(feed: 0, instrument: 0, isFollowed: true, plan, [Assignment(rule, ruleIndex: 0)], nil)
    }

    /// What the rule has to say of these best prices, where it does not fire.
    mutating func nearMiss(_ bid: Int64, _ ask: Int64) -> String? {
        seq += 1
        let mark = BookMark(conn: 1, seq: seq, received: Timestamp(micros: seq))
        books[0].replace(at: mark, bids: [Level(bid, 1)], asks: [Level(ask, 1)])
        guard let sighting = books[0].takeSight(), books[0].look(0, at: sighting) == nil else { return nil }
        return books[0].nearMiss(0, at: sighting)
    }
}

/// What `--explain` has to say of rules that nearly fired.
struct NearMissTests {
    private func rule(_ text: String) throws -> Rule { try RuleFile.parse("[rules.r]\n" + text, path: "r.toml").rules[0] }

    @Test func spread_speaksFromFourFifthsOn() throws {
        var book = BookSample(try rule("strategy = \"spread\"\nmin_spread = 0.05"))
        #expect(book.nearMiss(400_000, 440_000) == "spread 0.04 < 0.05 (bid 0.4, ask 0.44)")
        #expect(book.nearMiss(400_000, 439_999) == nil)
        #expect(book.nearMiss(400_000, 450_000) == nil)
    }

    @Test func move_tellsFromWhereToWhere() throws {
        var book = BookSample(try rule("strategy = \"move\"\nwindow = \"10s\"\nmin_move = 0.05"))
        #expect(book.nearMiss(400_000, 420_000) == nil)
        #expect(book.nearMiss(445_000, 465_000) == "mid moved 0.045 < 0.05 within 10s (0.41 to 0.455)")
        // A best price on both sides that is another, around the same mid: what was near is near still.
        #expect(book.nearMiss(450_000, 460_000) == "mid moved 0.045 < 0.05 within 10s (0.41 to 0.455)")
    }

    @Test func tradeSize_tellsTheNotional() throws {
        let whale = try #require(rule("strategy = \"trade_size\"\nmin_notional = 10").strategy as? TradeSizeStrategy)
        let trade = TradeSight(price: Price(millionths: 500_000), size: Size(millionths: 19_000_000))
        #expect(whale.nearMiss(trade, .init()) == "notional 9.5 < 10 (0.5 x 19)")
    }

    @Test func threshold_tellsTheFirstTradeAndNearPrices() throws {
        let cross = try #require(rule("strategy = \"threshold\"\nabove = 0.6\nbelow = 0.4").strategy as? ThresholdStrategy)
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

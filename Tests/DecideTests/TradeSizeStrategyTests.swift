import Testing

@testable import mkt_decide

struct TradeSizeStrategyTests {
    private let rules = "[rules.whale]\nstrategy = \"trade_size\"\nmin_notional = 10000\n"
    private let feed = Feed()

    @Test(arguments: [("25000", 1), ("24999.999999", 0), ("25000.000001", 1)])
    func priceTimesSize_isComparedExactly(size: String, count: Int) throws {
        #expect(try DecideRun.notes(rules, [feed.trade("0.4", size, at: 1)]).count == count)
    }

    @Test func everyLargeTrade_fires_withSizeAndCost() throws {
        let lines = [feed.trade("0.4", "30001.25", id: "t1", at: 1), feed.trade("0.4", "30001.25", id: "t2", at: 2)]
        let decisions = try DecideRun.decisions(rules, lines)
        #expect(decisions.map(\.note) == Array(repeating: "notional 12000.5 >= 10000 (0.4 x 30001.25)", count: 2))
        #expect(decisions[0].line.contains(#""price":0.4,"size":30001.25}],"size":30001.25,"cost":12000.5,"note""#))
        #expect(decisions[0].line.contains(#""because":[{"instrument":"74","feed":"pm","conn":1,"recv_us":1,"trade_id":"t1"}]"#))
    }

    @Test func costBeyondMillionths_isLeftOut() throws {
        let line = try DecideRun.lines(rules, [feed.trade("0.333333", "99999.999999", at: 1)])[0]
        #expect(line.contains(#""size":99999.999999,"note":"notional 33333.299999666667 >= 10000 (0.333333 x 99999.999999)""#))
        #expect(!line.contains("cost"))
    }

    @Test func largestSizes_doNotOverflow() throws {
        let line = try DecideRun.lines(rules, [feed.trade("1", "9223372036854.775807", at: 1)])[0]
        #expect(line.contains(#""cost":9223372036854.775807"#))
    }

    @Test func theBook_doesNotMatter() throws {
        #expect(try DecideRun.times(rules, [feed.status("stopped", at: 1), feed.trade("0.5", "20000", at: 2)]) == [2])
    }
}

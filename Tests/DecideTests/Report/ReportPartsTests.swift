import JSON
import MarketModel
import TestSupport
import Testing
import UnixTool

@testable import mkt_decide

@Suite struct ReportPartsTests {
    @Test(arguments: UInt64(1)...20)
    func topList_isTheHeadOfAStableSort(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var list = TopList<Int, Int>(countMax: 5)
        let ranks = (0..<random.below(40)).map { _ in random.below(8) }
        for (number, rank) in ranks.enumerated() { list.insert(number, rank) }
        let sorted = ranks.indices.sorted { (-ranks[$0], $0) < (-ranks[$1], $1) }
        #expect(list.entries.map(\.entry) == Array(sorted.prefix(5)))
    }

    @Test(arguments: UInt64(1)...20)
    func drawdown_isTheDeepestFallFromAnythingBefore(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let values = [0] + (0..<30).map { _ in Int128(random.below(100) - 50) }
        var drawdown = Drawdown()
        for value in values.dropFirst() { drawdown.take(value) }
        var deepest: Int128 = 0
        for end in values.indices {
            for start in 0...end { deepest = max(deepest, values[start] - values[end]) }
        }
        #expect(drawdown.greatest == deepest)
        #expect(drawdown.now == values.max()! - values.last!)
    }

    @Test func variantNames() {
        let name = VariantName("wide[min_spread=0.05,cooldown=1m]")
        #expect(name?.base == "wide")
        #expect(name?.keys == ["min_spread", "cooldown"] && name?.values == ["0.05", "1m"])
        #expect(name?.value("cooldown") == "1m" && name?.value("x") == nil)
        #expect(name?.settings == "min_spread=0.05, cooldown=1m")
        #expect(VariantName("a[b=]")?.values == [""])
        #expect(VariantName("a[b=c=d]")?.values == ["c=d"])
    }

    @Test(arguments: ["wide", "[a=1]", "wide[a=1", "wide[a]", "wide[]", "wide[=1]", "wide[a=1,]", "wide[a=1,a=2]", "wide[a=1]x", ""])
    func otherNames_areNoVariants(_ name: String) { #expect(VariantName(name) == nil) }

    @Test func theMeanEdge_isRoundedDown() {
        var rule = RuleTally(name: "r")
        (rule.edgeSum, rule.edgeCount) = (-1, 2)
        #expect(rule.edgeMean == -1)
        rule.edgeSum = 3
        #expect(rule.edgeMean == 1)
        rule.edgeCount = 0
        #expect(rule.edgeMean == nil)
    }

    // MARK: Lines

    private func account(_ rule: String, _ rest: String) -> String {
        #"{"v":1,"type":"own_account","feed":"mkt-decide","venue":"mktpipe","recv_us":5,"rule":"\#(rule)",\#(rest)}"#
    }

    private func page(_ lines: [String]) throws -> String {
        var decoder = EventDecoder()
        var tally = ReportTally()
        for line in lines {
            var line = line
            try line.withUTF8 { bytes in
                try decoder.decodeEvent(bytes)
                tally.take(try ReportLine(decoder), decoder)
            }
        }
        tally.finish()
        var buffer = ByteBuffer()
        ReportPage(tally, skipped: Counters()).write(tally, to: &buffer)
        return buffer.text.string
    }

    @Test func rulesBeyondTheBound_areToldOf() throws {
        let lines = (0..<1003).map { account("r\($0)", #""realized_pnl":1,"fees_paid":0,"unrealized_pnl":0,"pnl":1"#) }
        let page = try page(lines)
        #expect(page.contains("3 lines of rules beyond the first 1000 are in no number of this page."))
        #expect(page.contains("All 1000 rules"))
    }

    @Test func contradictions_areToldOf() throws {
        let good = account("r", #""realized_pnl":3,"fees_paid":0,"unrealized_pnl":-1.5,"pnl":1.5"#)
        #expect(try !page([good]).contains("class=\"notes\""))
        let unfilled = account("r", #""realized_pnl":3,"fees_paid":1,"unrealized_pnl":-1.5,"pnl":0.5"#)
        #expect(try page([unfilled]).contains("Fees do not agree for 1 rule"))
        let bad = account("r", #""realized_pnl":3,"fees_paid":0,"unrealized_pnl":-1.5,"pnl":0.5"#)
        #expect(try page([bad, bad]).contains("The P&amp;L of 2 lines is not its realized + unrealized − fees"))
    }

    @Test func whatIsNotTold_isADash_andNotZero() throws {
        let page = try page([account("r", #""realized_pnl":3,"fees_paid":0"#)])
        #expect(page.contains("No account line tells a P&amp;L."))
        #expect(page.contains("<div><b>–</b><span>P&amp;L</span></div>"))
    }

    @Test(arguments: [
        (#""type":"own_account","venue":"mktpipe","rule":"r","realized_pnl":1"#, EventError.missing(.feesPaid)),
        (#""type":"own_account","venue":"mktpipe","realized_pnl":1,"fees_paid":0"#, .missing(.rule)),
        (#""type":"own_order","venue":"v","instrument":"i","client_id":"r","size":1,"filled":1.5"#, .outOfRange(.filled)),
        (#""type":"own_order","venue":"v","client_id":"r","size":1,"filled":1"#, .missing(.instrument)),
        (#""type":"own_fill","venue":"v","instrument":"i","client_id":"r","size":1"#, .missing(.fee)),
        (#""type":"own_position","venue":"v","instrument":"i","rule":"r","size":1,"cost":0,"realized_pnl":0"#, .missing(.feesPaid)),
        (#""type":"decision","venue":"v","rule":"r","id":"1","rules":"9f""#, .missing(.action)),
        (#""type":"decision","venue":"v","rule":"r","action":"trade","id":"1","rules":"9f","edge":0.0000001"#, .outOfRange(.edge)),
        (#""type":"decision","venue":"v","rule":"","action":"trade","id":"1","rules":"9f""#, .outOfRange(.rule)),
    ])
    func aLineThatIsNotWhole_isRefused(rest: String, fault: EventError) {
        #expect(throws: fault) { try page([#"{"v":1,"feed":"mkt-decide","recv_us":5,\#(rest)}"#]) }
    }

    @Test func realAccounts_arePassedOver() throws {
        let line = #"{"v":1,"type":"own_position","feed":"kalshi","venue":"kalshi","recv_us":5,"market":"m","instrument":"i","size":3}"#
        #expect(try page([line]).contains("Nothing to report"))
    }
}

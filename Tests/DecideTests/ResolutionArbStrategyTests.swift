import Testing
import UnixTool

@testable import mkt_decide

struct ResolutionArbStrategyTests {
    private let rule = """
        [rules.end]
        strategy = "resolution_arb"
        min_edge = 0.005
        max_size = 1000
        max_cost = 5000
        max_age = "2s"
        action = "trade"

        """
    private let free = #"{"model":"none"}"#
    private let seven = #"{"model":"quadratic","taker_rate":0.07,"maker_rate":0,"exponent":1,"multiplier":1}"#
    private let yes = Feed()
    private let no = Feed(instrument: "75")
    private let linked = Feed(name: "kalshi", venue: "kalshi", market: "KX", instrument: "KX")
    private let links = ["polymarket,74,kalshi,KX,same,0.98,approved"]

    private func facts(_ fee: String? = nil) -> [String] {
        [
            yes.facts(outcome: "Yes", fee: fee ?? free, #","complement":"75""#),
            no.facts(outcome: "No", fee: fee ?? free, #","complement":"74""#),
            linked.facts(fee: fee ?? free),
        ]
    }
    private func resolution(_ price: String, at time: Int) -> String {
        yes.line("resolution", #","settlement_price":\#(price)"#, at: time)
    }
    private func notes(_ lines: [String], rule: String? = nil) throws -> [String] {
        try DecideRun.notes(rule ?? self.rule, lines, links: links)
    }

    @Test func example_ofTheDocumentation() throws {
        let lines = facts() + [yes.book(1, asks: "[[0.96,100]]", at: 10), resolution("1", at: 20)]
        #expect(
            try notes(lines) == [
                "buy 100 for 96 + fees 0, pays 100: profit 4, edge 0.04 >= 0.005; a share pays 1, as polymarket 74 tells"
            ])
        let decision = try DecideRun.decisions(rule, lines)[0]
        #expect(decision.received == 20)
        #expect(
            decision.line.contains(
                #""side":"buy","price":0.96,"average_price":0.96,"size":100,"fee":0}],"size":100,"cost":96,"payout":100,"fees":0"#))
        #expect(!decision.line.contains(#""data""#))
    }

    @Test func bids_areSoldTo_andFeesCount() throws {
        let book = yes.book(1, bids: "[[0.04,100],[0.02,7]]", at: 10)
        #expect(
            try notes(facts() + [book, resolution("0", at: 20)]) == [
                "sell 107 for 4.14 - fees 0, made of 0: profit 4.14, edge 0.038691 >= 0.005; a share pays 0, as polymarket 74 tells"
            ])
        // 0.02 x 0.98 x 0.07 = 0.001372 a share, so that level earns more than 0.005 all the same.
        #expect(
            try notes(facts(seven) + [book, resolution("0", at: 20)]) == [
                "sell 107 for 4.14 - fees 0.2784, made of 0: profit 3.8616, edge 0.036089 >= 0.005; a share pays 0, as polymarket 74 tells"
            ])
        #expect(try notes(facts() + [yes.book(1, bids: "[[0.004,100]]", at: 10), resolution("0", at: 20)]) == [])
    }

    @Test func settlementBetween_isTakenAsItIs() throws {
        let lines = facts() + [yes.book(1, bids: "[[0.6,1]]", asks: "[[0.3,1]]", at: 10)]
        // Crossed: never.
        #expect(try notes(lines + [resolution("0.5", at: 20)]) == [])
        let asks = facts() + [yes.book(1, asks: "[[0.3,1.01]]", at: 10), resolution("0.333333", at: 20)]
        // 1.01 x 0.333333 = 0.33666633, got, so down; 1.01 x 0.3 = 0.303.
        #expect(
            try notes(asks) == [
                "buy 1.01 for 0.303 + fees 0, pays 0.336666: profit 0.033666, edge 0.033332 >= 0.005; a share pays 0.333333, as polymarket 74 tells"
            ])
        let bids = facts() + [yes.book(1, bids: "[[0.4,1.01]]", at: 10), resolution("0.333333", at: 20)]
        #expect(
            try notes(bids) == [
                "sell 1.01 for 0.404 - fees 0, made of 0.336667: profit 0.067333, edge 0.066666 >= 0.005; a share pays 0.333333, as polymarket 74 tells"
            ])
    }

    @Test func complement_paysTheRest_andWinningIsADollar() throws {
        let lines = facts() + [no.book(1, bids: "[[0.1,5]]", at: 10), yes.line("resolution", #","outcome_won":true"#, at: 20)]
        #expect(
            try notes(lines) == [
                "sell 5 for 0.5 - fees 0, made of 0: profit 0.5, edge 0.1 >= 0.005; a share pays 0, as polymarket 74 tells"
            ])
    }

    @Test func links_countOnlyWhereAskedFor() throws {
        let lines = facts() + [linked.book(1, asks: "[[0.9,5]]", at: 10), resolution("1", at: 20)]
        #expect(try notes(lines) == [])
        let through = rule + "through_links = true\n"
        #expect(
            try notes(lines, rule: through) == [
                "buy 5 for 4.5 + fees 0, pays 5: profit 0.5, edge 0.1 >= 0.005; a share pays 1, as polymarket 74 tells"
            ])
        #expect(try DecideRun.lines(through, lines, links: links)[0].contains(#""data":""#))
        // Its own venue's word stands.
        let own = linked.line("resolution", #","settlement_price":0"#, at: 15)
        let after =
            facts() + [linked.book(1, asks: "[[0.9,5]]", at: 10), own, resolution("1", at: 20), linked.book(2, asks: "[[0.8,5]]", at: 30)]
        #expect(try notes(after, rule: through) == [])
        let closed = linked.line("market_status", #","state":"closed""#, at: 15)
        #expect(try notes(facts() + [linked.book(1, asks: "[[0.9,5]]", at: 10), closed, resolution("1", at: 20)], rule: through) == [])
    }

    @Test func laterBooks_areLookedAt_staleOnesNot() throws {
        let lines = facts() + [resolution("1", at: 20), yes.book(1, asks: "[[0.97,5]]", at: 30), yes.book(2, asks: "[[0.98,5]]", at: 40)]
        #expect(try notes(lines).count == 2)
        let old = facts() + [yes.book(1, asks: "[[0.96,100]]", at: 10), resolution("1", at: 2_000_010)]
        #expect(try notes(old) == [])
    }
}

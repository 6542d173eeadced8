import Testing

@testable import mkt_decide

struct RouterTests {
    private let every = "[rules.r]\nstrategy = \"trade_size\"\nmin_notional = 0\n"

    private func count(_ scope: String, _ feed: Feed) throws -> Int {
        try DecideRun.times(every + scope, [feed.trade("0.5", at: 1)]).count
    }

    @Test func scope_narrowsByExactText() throws {
        let feed = Feed()
        #expect(try count("venue = \"polymarket\"", feed) == 1)
        #expect(try count("venue = \"poly\"", feed) == 0)
        #expect(try count("market = [\"other\", \"0xm\"]", feed) == 1)
        #expect(try count("instrument = \"7\"", feed) == 0)
        #expect(try count("instrument = \"74\"\nvenue = \"kalshi\"", feed) == 0)
    }

    @Test func label_needsALabel() throws {
        #expect(try count("label = \"*\"", Feed()) == 0)
        #expect(try count("label = \"*\"", Feed(label: "btc/Up")) == 1)
        #expect(try count("label = \"BTC*\"", Feed(label: "btc/Up")) == 0)
    }

    @Test func label_thatComesLater_bringsTheRuleIn_andChangesTakeItOut() throws {
        let feed = Feed()
        let lines = [
            feed.trade("0.5", at: 1), Feed(label: "btc/Up").trade("0.5", at: 2), feed.trade("0.5", at: 3),
            Feed(label: "eth/Up").about(outcome: "Up", at: 4), feed.trade("0.5", at: 5),
        ]
        #expect(try DecideRun.times(every + "label = \"btc*\"", lines) == [2, 3])
    }

    @Test func label_ofAnyFeed_countsForTheInstrument() throws {
        let lines = [Feed(name: "other", label: "btc/Up").trade("0.5", at: 1), Feed().trade("0.5", at: 2)]
        #expect(try DecideRun.times(every + "label = \"btc*\"", lines) == [1, 2])
    }

    @Test func bookRule_thatComesByALabel_findsTheBookKept() throws {
        let rules = "[rules.r]\nstrategy = \"spread\"\nmin_spread = 0.05\nlabel = \"btc*\"\n"
        let lines = [
            Feed().snapshot(1, "0.4", "0.5", at: 1), Feed(label: "btc/Up").trade("0.5", at: 2), Feed().delta(2, bid: "0.1", at: 3),
        ]
        #expect(try DecideRun.times(rules, lines) == [3])
    }

    @Test func bookRule_thatComesByALabel_looksEvenWhereNothingChanged() throws {
        let scoped = "[rules.r]\nstrategy = \"spread\"\nmin_spread = 0.05\nlabel = \"btc*\"\n"
        let always = "[rules.always]\nstrategy = \"spread\"\nmin_spread = 0.05\n"
        let lines = [Feed().snapshot(1, "0.4", "0.5", at: 1), Feed(label: "btc/Up").delta(2, bid: "0.1", at: 2)]
        #expect(try DecideRun.decisions(always + scoped, lines).map(\.rule) == ["always", "r"])
    }

    @Test func ruleThatLeavesAndReturns_hasForgotten() throws {
        let rules = "[rules.r]\nstrategy = \"threshold\"\nabove = 0.6\nlabel = \"btc*\"\n"
        let (btc, eth) = (Feed(label: "btc"), Feed(label: "eth"))
        #expect(try DecideRun.times(rules, [btc.trade("0.5", at: 1), btc.trade("0.7", at: 2)]) == [2])
        #expect(try DecideRun.times(rules, [btc.trade("0.5", at: 1), eth.trade("0.5", at: 2), btc.trade("0.7", at: 3)]) == [])
    }

    @Test func severalRulesOnOneLine_decideInOrderOfTheirNames() throws {
        let rules = "[rules.b]\nstrategy = \"trade_size\"\nmin_notional = 0\n[rules.a]\nstrategy = \"trade_size\"\nmin_notional = 0\n"
        #expect(try DecideRun.decisions(rules, [Feed().trade("0.5", at: 1)]).map(\.rule) == ["a", "b"])
    }

    @Test func oneInstrumentInManySpellings_isOne() throws {
        let rules = "[rules.cross]\nstrategy = \"threshold\"\nabove = 0.6\n"
        let escaped = Feed().trade("0.7", at: 2).replacing(#""74""#, with: #""\u0037\u0034""#)
        #expect(escaped != Feed().trade("0.7", at: 2))
        #expect(try DecideRun.times(rules, [Feed().trade("0.5", at: 1), escaped]) == [2])
    }
}

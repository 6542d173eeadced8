import Testing
import UnixTool

@testable import mkt_decide

struct DecisionLineTests {
    private let rules = "[rules.wide]\nstrategy = \"spread\"\nmin_spread = 0.05\naction = \"alert\"\n"
    private let every = "[rules.r]\nstrategy = \"trade_size\"\nmin_notional = 0\n"

    @Test func keys_standInTheContractsOrder() throws {
        let feed = Feed(label: "btc/Up")
        let decisions = try DecideRun.decisions(rules, [feed.about(outcome: "Up", at: 1), feed.snapshot(7, "0.4", "0.46", at: 2)])
        let hash = try RuleFile.parse(rules, path: "r").hash
        let expected =
            #"{"v":1,"type":"decision","feed":"mkt-decide","venue":"polymarket","#
            + #""recv_us":2,"rule":"wide","strategy":"spread","action":"alert","id":"\#(decisions[0].id)","#
            + #""legs":[{"venue":"polymarket","market":"0xm","instrument":"74","label":"btc/Up","outcome":"Up"}],"#
            + #""note":"spread 0.06 >= 0.05 (bid 0.4, ask 0.46)","#
            + #""because":[{"instrument":"74","feed":"pm","conn":1,"seq":7,"recv_us":2}],"rules":"\#(hash)","build":"\#(Doorway.version)"}"#
        #expect(decisions.map(\.line) == [expected])
    }

    @Test func foreignText_isEscaped() throws {
        let feed = Feed(instrument: #"a\"b\\\u0001ü"#)
        let line = try DecideRun.lines(every, [feed.trade("0.5", at: 1)])[0]
        #expect(line.contains(#""because":[{"instrument":"a\"b\\\u0001ü","feed":"pm""#))
    }

    @Test func sameInput_givesTheSameID() throws {
        let lines = [Feed().trade("0.5", id: "t", at: 1)]
        let first = try DecideRun.decisions(every, lines)[0].id
        #expect(first.count == 16 && first.allSatisfy { $0.isHexDigit && !$0.isUppercase })
        #expect(try DecideRun.decisions(every, lines)[0].id == first)
        #expect(try DecideRun.decisions(every + "[rules.other]\nstrategy = \"spread\"\nmin_spread = 1\n", lines)[0].id == first)
    }

    @Test func anythingThatDiffers_givesAnotherID() throws {
        let trade = Feed().trade("0.5", id: "t", at: 1)
        var ids: Set<String> = []
        for line in [
            trade, Feed().trade("0.5", id: "u", at: 1), Feed().trade("0.5", at: 1), Feed().trade("0.4", at: 1),
            Feed().trade("0.5", "2", at: 1), Feed().trade("0.5", id: "t", at: 2), Feed(instrument: "75").trade("0.5", id: "t", at: 1),
            Feed(name: "pm-b").trade("0.5", id: "t", at: 1), Feed(conn: 2).trade("0.5", id: "t", at: 1),
            Feed(venue: "x").trade("0.5", id: "t", at: 1),
        ] { ids.insert(try DecideRun.decisions(every, [line])[0].id) }
        ids.insert(try DecideRun.decisions(every + "cooldown = \"1s\"", [trade])[0].id)
        ids.insert(try DecideRun.decisions(every.replacing("rules.r", with: "rules.s"), [trade])[0].id)
        #expect(ids.count == 12)
    }

    @Test func equalPrintsInOneMicrosecond_haveDifferentIDs() throws {
        let print = Feed().trade("0.5", at: 1)
        let ids = try DecideRun.decisions(every, [print, print, print, Feed().trade("0.5", at: 0), print]).map(\.id)
        #expect(Set(ids).count == 5)
    }

    @Test func ruleThatLeavesAndReturns_repeatsNoID() throws {
        let (btc, eth) = (Feed(label: "btc").trade("0.5", at: 1), Feed(label: "eth").trade("0.5", at: 1))
        let ids = try DecideRun.decisions(every + "label = \"btc\"", [btc, eth, btc, btc]).map(\.id)
        #expect(ids.count == 3 && Set(ids).count == 3)
    }
}

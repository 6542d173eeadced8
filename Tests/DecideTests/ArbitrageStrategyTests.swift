import Testing
import UnixTool

@testable import mkt_decide

struct ArbitrageStrategyTests {
    private let rule = """
        [rules.xv]
        strategy = "arbitrage"
        min_edge = 0.005
        max_size = 1000
        max_cost = 5000
        max_age = "2s"
        action = "trade"

        """
    private let same = ["polymarket,74,kalshi,KX,same,0.98,approved"]
    private let inverse = ["polymarket,74,kalshi,KX,inverse,0.98,approved"]
    private let seven = #"{"model":"quadratic","taker_rate":0.07,"maker_rate":0,"exponent":1,"multiplier":1}"#
    private let free = #"{"model":"none"}"#
    private let left = Feed(label: "btc/Up")
    private let right = Feed(name: "kalshi", venue: "kalshi", market: "KX", instrument: "KX", label: "KX/Yes")

    private var leftAsks: String { left.book(1, asks: "[[0.4,100],[0.42,100]]", at: 10) }
    private var rightBids: String { right.book(7, bids: "[[0.55,150]]", at: 20) }
    private func facts(_ fee: String) -> [String] { [left.facts(outcome: "Up", fee: fee), right.facts(fee: fee)] }

    @Test func example_ofTheDocumentation() throws {
        let decisions = try DecideRun.decisions(rule, facts(seven) + [leftAsks, rightBids], links: same)
        let set = try LinkFile.parse("\(Link.columns.joined(separator: ","))\n\(same[0])\n", path: "l.csv")
        let expected =
            #"{"v":1,"type":"decision","feed":"mkt-decide","venue":"kalshi","recv_us":20,"rule":"xv","strategy":"arbitrage","#
            + #""action":"trade","id":"\#(decisions.first?.id ?? "")","#
            + #""legs":[{"venue":"polymarket","market":"0xm","instrument":"74","label":"btc/Up","outcome":"Up","side":"buy","#
            + #""price":0.42,"average_price":0.406667,"size":150,"fee":2.5326},"#
            + #"{"venue":"kalshi","market":"KX","instrument":"KX","outcome":"No","side":"buy","price":0.45,"average_price":0.45,"#
            + #""size":150,"fee":2.6}],"size":150,"cost":128.5,"payout":150,"fees":5.1326,"edge":0.109116,"profit":16.3674,"#
            + #""note":"buy 150 for 128.5 + fees 5.1326, pays 150: profit 16.3674, edge 0.109116 >= 0.005","#
            + #""because":[{"instrument":"74","feed":"pm","conn":1,"seq":1,"recv_us":10},"#
            + #"{"instrument":"KX","feed":"kalshi","conn":1,"seq":7,"recv_us":20}],"#
            + #""rules":"\#(try RuleFile.parse(rule, path: "r").hash)","data":"\#(set.hash)","build":"\#(Doorway.version)"}"#
        #expect(decisions.map(\.line) == [expected])
    }

    /// What is bought on both sides, with its limit.
    private func legs(_ lines: [String], _ links: [String]) throws -> [String] {
        try DecideRun.lines(rule, facts(free) + lines, links: links).map { line in
            line.split(separator: "{\"venue\":").dropFirst().map { leg in
                let outcome = leg.split(separator: "\"outcome\":\"")[1].prefix { $0 != "\"" }
                let price = leg.split(separator: "\"price\":")[1].prefix { $0 != "," }
                return "\(outcome) \(price)"
            }.joined(separator: " + ")
        }
    }

    @Test func bothDirections_ofBothRelations() throws {
        let (leftBids, rightAsks) = (left.book(1, bids: "[[0.6,9]]", at: 1), right.book(1, asks: "[[0.4,9]]", at: 2))
        #expect(try legs([leftAsks, rightBids], same) == ["Up 0.42 + No 0.45"])
        #expect(try legs([leftBids, rightAsks], same) == ["not Up 0.4 + Yes 0.4"])
        #expect(try legs([leftAsks, rightAsks], inverse) == ["Up 0.4 + Yes 0.4"])
        #expect(try legs([leftBids, rightBids], inverse) == ["not Up 0.4 + No 0.45"])
        #expect(try legs([leftAsks, rightAsks], same) == [])
        #expect(try legs([leftBids, rightAsks], inverse) == [])
    }

    @Test func opposite_isTheComplementWhereThereIsOne() throws {
        let other = Feed(instrument: "75", label: "btc/Down")
        let lines = [left.facts(outcome: "Up", fee: free, #","complement":"75""#), right.facts(fee: free)]
        let books = [left.book(1, bids: "[[0.6,9]]", at: 1), right.book(1, asks: "[[0.3,9]]", at: 2)]
        let unseen = try DecideRun.lines(rule, lines + books, links: same)
        #expect(unseen[0].contains(#"[{"venue":"polymarket","market":"0xm","instrument":"75","side":"buy","price":0.4"#))
        let seen = try DecideRun.lines(rule, [other.facts(outcome: "Down")] + lines + books, links: same)
        #expect(seen[0].contains(#""instrument":"75","label":"btc/Down","outcome":"Down","side":"buy","price":0.4"#))
        #expect(seen[0].contains(#""because":[{"instrument":"74""#))
    }

    @Test func onlyApprovedLinks_count() throws {
        for links in [[], [same[0].replacing("approved", with: "pending")], [same[0].replacing("approved", with: "rejected")]] {
            #expect(try DecideRun.lines(rule, facts(free) + [leftAsks, rightBids], links: links) == [])
        }
    }

    @Test func unknownBooks_areNeverUsed() throws {
        let lines = facts(free)
        #expect(try DecideRun.lines(rule, lines + [leftAsks, left.status("gap", at: 15), rightBids], links: same) == [])
        #expect(try DecideRun.lines(rule, lines + [leftAsks, left.delta(3, bid: "0.1", at: 15), rightBids], links: same) == [])
        #expect(try DecideRun.lines(rule, lines + [leftAsks, right.delta(1, bid: "0.9", at: 15)], links: same) == [])
    }

    @Test func crossedBooks_areNeverUsed_lockedOnesAre() throws {
        let crossed = left.book(1, bids: "[[0.41,1]]", asks: "[[0.4,100]]", at: 10)
        let locked = left.book(1, bids: "[[0.4,1]]", asks: "[[0.4,100]]", at: 10)
        #expect(try DecideRun.times(rule, facts(free) + [crossed, rightBids], links: same) == [])
        #expect(try DecideRun.times(rule, facts(free) + [locked, rightBids], links: same) == [20])
    }

    @Test(arguments: [(2_000_009, 1), (2_000_010, 0), (2_000_011, 0)])
    func olderBook_isYoungerThanMaxAge(time: Int, count: Int) throws {
        let late = right.book(7, bids: "[[0.55,150]]", at: time)
        #expect(try DecideRun.times(rule, facts(free) + [leftAsks, late], links: same).count == count)
    }

    @Test func staleBook_isFreshAgainWithItsNextLine() throws {
        let lines = [leftAsks, right.book(1, bids: "[[0.55,150]]", at: 3_000_000), left.delta(2, bid: "0.01", at: 3_000_001)]
        #expect(try DecideRun.times(rule, facts(free) + lines, links: same) == [3_000_001])
    }

    @Test func feeThatIsNotKnown_keepsSilent() throws {
        func count(_ fee: String?, _ rule: String? = nil) throws -> Int {
            try DecideRun.times(
                rule ?? self.rule, [left.facts(fee: free), right.facts(fee: fee), leftAsks, rightBids], links: same
            ).count
        }
        #expect(try count(free) == 1)
        #expect(try count(seven) == 1)
        #expect(try count(nil) == 0)
        for fee in [
            #"{"model":"unknown"}"#, #"{"model":"flat","taker_rate":0}"#, #"{"model":"quadratic","taker_rate":0.07,"exponent":1}"#, "{}",
            #"{"model":"quadratic","taker_rate":0.07,"exponent":1.5,"multiplier":1}"#, #"{"taker_rate":0}"#, "[]", "7",
            #"{"model":"quadratic","taker_rate":0.0000001,"exponent":1,"multiplier":1}"#,
        ] { #expect(try count(fee) == 0, "\(fee)") }
        #expect(try DecideRun.times(rule, [left.facts(fee: free), leftAsks, rightBids], links: same) == [])
        // The latest line counts, and one that says less says that it is not known any more.
        let forgotten = facts(free) + [right.facts(), leftAsks, rightBids]
        #expect(try DecideRun.times(rule, forgotten, links: same) == [])
    }

    @Test func roundingOfAVenue_isByTheRule_orNotKnown() throws {
        let other = Feed(name: "x", venue: "x", market: "KX", instrument: "KX")
        let links = [same[0].replacing("kalshi", with: "x")]
        let lines = [left.facts(fee: free), other.facts(fee: seven), leftAsks, other.book(7, bids: "[[0.55,150]]", at: 20)]
        #expect(try DecideRun.lines(rule, lines, links: links) == [])
        let told = try DecideRun.lines(rule + "fee_rounding = { x = \"up_6\" }\n", lines, links: links)
        #expect(told.count == 1 && told[0].contains(#""fee":2.59875"#))
    }

    @Test func marketThatIsNotOpen_keepsSilent() throws {
        let books = [leftAsks, rightBids]
        #expect(try DecideRun.times(rule, facts(free) + [left.facts(fee: free, #","state":"closed""#)] + books, links: same) == [])
        #expect(
            try DecideRun.times(rule, facts(free) + [right.line("market_status", #","state":"paused""#, at: 1)] + books, links: same) == [])
        #expect(
            try DecideRun.times(rule, facts(free) + [right.line("resolution", #","settlement_price":1"#, at: 1)] + books, links: same) == []
        )
        let reopened = [
            right.line("market_status", #","state":"paused""#, at: 1), right.line("market_status", #","state":"open""#, at: 2),
        ]
        #expect(try DecideRun.times(rule, facts(free) + reopened + books, links: same) == [20])
    }

    @Test func sameNumbers_areWrittenOnce() throws {
        let lines =
            facts(free) + [
                leftAsks, rightBids, right.delta(8, ask: "0.99", at: 21), left.delta(2, ask: "0.9", at: 22),
                left.delta(3, ask: "0.4", size: 99, at: 23), left.delta(4, ask: "0.4", size: 100, at: 24), right.status("gap", at: 25),
                right.book(9, bids: "[[0.55,150]]", at: 26), right.delta(10, bid: "0.55", size: 0, at: 27),
                right.delta(11, bid: "0.55", size: 150, at: 28),
            ]
        #expect(try DecideRun.times(rule, lines, links: same) == [20, 23, 24, 26, 28])
        #expect(try DecideRun.times(rule + "cooldown = \"3us\"\n", lines, links: same) == [20, 23, 26])
    }

    @Test func hold_waitsForALaterLine() throws {
        let lines =
            facts(free) + [
                leftAsks, rightBids, right.delta(8, ask: "0.99", at: 24), right.delta(9, ask: "0.98", at: 25),
                left.delta(2, bid: "0.01", at: 99),
            ]
        #expect(try DecideRun.times(rule + "hold = \"5us\"\n", lines, links: same) == [25])
        let broken = facts(free) + [leftAsks, rightBids, right.status("gap", at: 22), right.book(9, bids: "[[0.55,150]]", at: 24)]
        #expect(try DecideRun.times(rule + "hold = \"4us\"\n", broken + [left.delta(2, bid: "0.01", at: 27)], links: same) == [])
        #expect(try DecideRun.times(rule + "hold = \"4us\"\n", broken + [left.delta(2, bid: "0.01", at: 28)], links: same) == [28])
    }

    @Test func profitOfNothing_isNoFinding() throws {
        // 0.01 shares earn a quarter of a cent, and the cent of the fee eats it.
        let tiny = right.book(7, bids: "[[0.65,0.01]]", at: 20)
        #expect(try DecideRun.times(rule, [left.facts(fee: free), right.facts(fee: seven), leftAsks, tiny], links: same) == [])
        #expect(try DecideRun.times(rule, facts(free) + [leftAsks, tiny], links: same) == [20])
    }

    @Test func scope_needsOneOfTheTwo() throws {
        let lines = facts(free) + [leftAsks, rightBids]
        #expect(try DecideRun.times(rule + "venue = \"kalshi\"\n", lines, links: same) == [20])
        #expect(try DecideRun.times(rule + "label = \"btc*\"\n", lines, links: same) == [20])
        #expect(try DecideRun.times(rule + "label = \"eth*\"\n", lines, links: same) == [])
        #expect(try DecideRun.times(rule + "venue = \"kalshi\"\nlabel = \"btc*\"\n", lines, links: same) == [])
    }

    @Test func order_isByRule_thenByLink() throws {
        let third = Feed(name: "kalshi", venue: "kalshi", market: "KY", instrument: "KY")
        let links = ["polymarket,74,kalshi,KY,same,1,approved"] + same
        let spread = "[rules.%]\nstrategy = \"spread\"\nmin_spread = 0.000001\n"
        let rules = rule + spread.replacing("%", with: "a") + spread.replacing("%", with: "z")
        let lines =
            facts(free) + [third.facts(fee: free), right.book(1, bids: "[[0.7,5]]", at: 1), third.book(1, bids: "[[0.8,5]]", at: 2)]
        let decisions = try DecideRun.decisions(rules, lines + [left.snapshot(1, "0.3", "0.4", at: 3)], links: links)
        #expect(decisions.map(\.rule) == ["a", "xv", "xv", "z"])
        #expect(decisions[1].line.contains(#""instrument":"KX""#) && decisions[2].line.contains(#""instrument":"KY""#))
        #expect(Set(decisions.map(\.id)).count == 4)
    }

    @Test func latestOfSeveralFeeds_counts() throws {
        let second = Feed(name: "pm-b")
        let lines = facts(free) + [leftAsks, second.book(1, asks: "[[0.6,100]]", at: 15), rightBids]
        #expect(try DecideRun.times(rule, lines, links: same) == [])
        #expect(try DecideRun.times(rule, lines + [left.delta(2, bid: "0.01", at: 21)], links: same) == [21])
        #expect(
            try DecideRun.times(rule, lines + [second.status("disconnected", at: 21), right.delta(8, ask: "0.99", at: 22)], links: same)
                == [22])
    }
}

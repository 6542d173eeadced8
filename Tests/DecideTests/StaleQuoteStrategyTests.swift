import Testing
import UnixTool

@testable import mkt_decide

struct StaleQuoteStrategyTests {
    private let rule = """
        [rules.late]
        strategy = "stale_quote"
        window = "10s"
        min_move = 0.05
        lag = "2s"

        """
    private let links = ["polymarket,74,kalshi,KX,same,0.98,approved"]
    private let left = Feed(label: "btc/Up")
    private let right = Feed(name: "kalshi", venue: "kalshi", market: "KX", instrument: "KX", label: "KX/Yes")
    private let second = 1_000_000

    /// Both seen at 0, the left one moved from 0.41 to 0.47 at 12 s; then a line of a third at 20 s.
    private var start: [String] {
        [left.snapshot(1, "0.4", "0.42", at: 0), right.snapshot(1, "0.4", "0.42", at: 0)]
    }
    private var move: String { left.snapshot(2, "0.46", "0.48", at: 12 * second) }
    private func later(_ seconds: Int = 20) -> String {
        Feed(name: "x", instrument: "99").trade("0.5", at: seconds * second)
    }

    private func run(_ lines: [String], links: [String]? = nil) throws -> [DecideRun.Decision] {
        try DecideRun.decisions(rule, lines, links: links ?? self.links)
    }

    @Test func example_ofTheDocumentation() throws {
        let found = try run(start + [move, later()])
        #expect(found.map(\.received) == [14_000_000])
        #expect(
            found.map(\.note) == [
                "polymarket 74 moved 0.06 >= 0.05 (0.41 to 0.47) and kalshi KX stood still for 2s: buy 10 at 0.42"
            ])
        #expect(
            found[0].line.contains(
                #""venue":"kalshi","recv_us":14000000,"rule":"late","strategy":"stale_quote","action":"signal""#))
        #expect(
            found[0].line.contains(
                #""legs":[{"venue":"polymarket","market":"0xm","instrument":"74","label":"btc/Up"},"#
                    + #"{"venue":"kalshi","market":"KX","instrument":"KX","label":"KX/Yes","side":"buy","price":0.42,"size":10}],"note""#))
        #expect(
            found[0].line.contains(
                #""because":[{"instrument":"KX","feed":"kalshi","conn":1,"seq":1,"recv_us":0},"#
                    + #"{"instrument":"74","feed":"pm","conn":1,"seq":2,"recv_us":12000000}]"#))
    }

    @Test func isTold_beforeTheFirstLineThatIsNotEarlier() throws {
        let moveAt14 = right.snapshot(2, "0.46", "0.48", at: 14 * second)
        #expect(try run(start + [move, moveAt14]).map(\.received) == [14_000_000])
        #expect(try run(start + [move, right.snapshot(2, "0.46", "0.48", at: 14 * second - 1), later()]) == [])
        #expect(try run(start + [move, later(13)]) == [])
    }

    @Test func other_hasToStandStillFromBeforeTheMove() throws {
        let change = right.snapshot(2, "0.41", "0.42", at: 2 * second + 1)
        #expect(try run(start + [change, move, later()]) == [])
        let early = right.snapshot(2, "0.41", "0.42", at: 2 * second)
        #expect(try run(start + [early, move, later()]).count == 1)
        let deep = right.delta(2, bid: "0.3", at: 11 * second)
        #expect(try run(start + [deep, move, later()]).count == 1)
    }

    @Test func move_thatGoesBackOrAcross_isNone() throws {
        let back = left.snapshot(3, "0.44", "0.46", at: 13 * second)
        #expect(try run(start + [move, back, later()]) == [])
        let across = left.snapshot(3, "0.30", "0.32", at: 13 * second)
        #expect(try run(start + [move, across, later(14)]) == [])
        let farther = left.snapshot(3, "0.48", "0.5", at: 13 * second)
        #expect(try run(start + [move, farther, later()]).map(\.note).first?.contains("(0.41 to 0.49)") == true)
    }

    @Test func window_isMeasuredByTime() throws {
        let slow = [left.snapshot(2, "0.43", "0.45", at: 12 * second), left.snapshot(3, "0.46", "0.48", at: 22 * second)]
        #expect(try run(start + slow + [later(40)]) == [])
        let quick = [left.snapshot(2, "0.43", "0.45", at: 12 * second), left.snapshot(3, "0.46", "0.48", at: 22 * second - 1)]
        #expect(try run(start + quick + [later(40)]).count == 1)
    }

    @Test func directionAndRelation_sayWhichSideIsWorthTaking() throws {
        let down = left.snapshot(2, "0.3", "0.32", at: 12 * second)
        #expect(try run(start + [down, later()]).map(\.note).first?.hasSuffix("sell 10 at 0.4") == true)
        let inverse = ["polymarket,74,kalshi,KX,inverse,0.98,approved"]
        let mirrored = [left.snapshot(1, "0.4", "0.42", at: 0), right.snapshot(1, "0.58", "0.6", at: 0)]
        #expect(try run(mirrored + [move, later()], links: inverse).map(\.note).first?.hasSuffix("sell 10 at 0.58") == true)
        #expect(try run(mirrored + [down, later()], links: inverse).map(\.note).first?.hasSuffix("buy 10 at 0.6") == true)
        let theOther = [right.snapshot(2, "0.46", "0.48", at: 12 * second), later()]
        #expect(
            try run(start + theOther).map(\.note) == [
                "kalshi KX moved 0.06 >= 0.05 (0.41 to 0.47) and polymarket 74 stood still for 2s: buy 10 at 0.42"
            ])
    }

    @Test func breakOrClosing_endsIt() throws {
        #expect(try run(start + [move, right.status("stale", at: 13 * second), later()]) == [])
        let healed = [right.status("gap", at: 13 * second), right.snapshot(9, "0.4", "0.42", at: 13 * second + 1)]
        #expect(try run(start + [move] + healed + [later()]) == [])
        #expect(try run(start + [move, right.line("market_status", #","state":"paused""#, at: 13 * second), later()]) == [])
        #expect(try run(start + [right.status("gap", at: second), right.snapshot(9, "0.4", "0.42", at: 3 * second), move, later()]) == [])
        #expect(try run(start + [move, right.snapshot(2, "0.4", nil, at: 12 * second + 1), later()]) == [])
    }

    @Test func stageStatus_isNoClock() throws {
        let status =
            #"{"v":1,"type":"stage_status","feed":"mkt-merge","venue":"mktpipe","recv_us":99000000,"#
            + #""stage":"mkt-merge","state":"heartbeat","counters":{}}"#
        let answer = right.snapshot(2, "0.46", "0.48", at: 13 * second)
        #expect(try run(start + [move, status, answer, later()]) == [])
    }
}

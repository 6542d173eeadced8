import Testing

@testable import mkt_decide

struct MoveStrategyTests {
    private let rules = "[rules.jump]\nstrategy = \"move\"\nwindow = \"10us\"\nmin_move = 0.05\n"
    private let feed = Feed()

    /// A book whose mid goes through the given prices, each 0.01 wide.
    private func book(_ mids: [(hundredths: Int, time: Int)]) -> [String] {
        mids.enumerated().map { index, mid in
            feed.snapshot(index + 1, "0.\(mid.hundredths)", "0.\(mid.hundredths + 2)", at: mid.time)
        }
    }

    @Test func movingUpWithinTheWindow_fires_withBothLines() throws {
        let decisions = try DecideRun.decisions(rules, book([(40, 100), (42, 103), (45, 105)]))
        #expect(decisions.map(\.note) == ["mid moved 0.05 >= 0.05 within 10us (0.41 to 0.46)"])
        let because =
            #""because":[{"instrument":"74","feed":"pm","conn":1,"seq":1,"recv_us":100},"#
            + #"{"instrument":"74","feed":"pm","conn":1,"seq":3,"recv_us":105}]"#
        #expect(decisions.first?.line.contains(because) == true)
    }

    @Test func movingDown_fires() throws {
        #expect(try DecideRun.notes(rules, book([(60, 1), (53, 2)])) == ["mid moved 0.07 >= 0.05 within 10us (0.61 to 0.54)"])
    }

    @Test(arguments: [("0.449998", 0), ("0.449999", 0), ("0.45", 1)])
    func halfAMillionthShort_doesNotFire(bid: String, count: Int) throws {
        let lines = [feed.snapshot(1, "0.4", "0.5", at: 1), feed.snapshot(2, bid, "0.55", at: 2)]
        #expect(try DecideRun.notes(rules, lines).count == count)
    }

    @Test func aMidCounts_whileItHeldAfterTheEdgeOfTheWindow() throws {
        // 0.41 held until 101: at 110 the window begins after 100, at 111 after 101.
        #expect(try DecideRun.times(rules, book([(40, 50), (41, 101), (45, 110)])) == [110])
        #expect(try DecideRun.times(rules, book([(40, 50), (41, 101), (45, 111)])) == [])
        // A mid that nothing replaced held up to now, however old it is.
        #expect(try DecideRun.times(rules, book([(40, 1), (45, 9000)])) == [9000])
    }

    @Test func afterFiring_theWindowBeginsAnew() throws {
        #expect(try DecideRun.times(rules, book([(40, 1), (45, 2), (46, 3), (49, 4), (50, 5)])) == [2, 5])
    }

    @Test func acrossABreak_nothingMoved() throws {
        let before = feed.snapshot(1, "0.4", "0.42", at: 1)
        for broken in ["gap", "stale", "resyncing", "disconnected", "stopped"] {
            let lines = [before, feed.status(broken, conn: 1, at: 2), feed.snapshot(2, "0.5", "0.52", at: 3)]
            #expect(try DecideRun.times(rules, lines) == [], "\(broken)")
        }
        for harmless in ["live", "connecting", "lagging", "drift", "heartbeat"] {
            let lines = [before, feed.status(harmless, conn: 1, at: 2), feed.snapshot(2, "0.5", "0.52", at: 3)]
            #expect(try DecideRun.times(rules, lines) == [3], "\(harmless)")
        }
    }

    @Test func crossedAndOneSidedBooks_haveNoMid() throws {
        let lines = [
            feed.snapshot(1, "0.4", "0.42", at: 1), feed.delta(2, bid: "0.6", at: 2), feed.delta(3, bid: "0.6", size: 0, at: 3),
            feed.delta(4, ask: "0.42", size: 0, at: 4), feed.delta(5, ask: "0.5", at: 5), feed.delta(6, ask: "0.54", at: 6),
        ]
        #expect(try DecideRun.times(rules, lines) == [])
        #expect(try DecideRun.times(rules, lines + [feed.delta(7, ask: "0.5", size: 0, at: 7)]) == [7])
    }

    @Test func twoFeeds_areTwoBooks() throws {
        let other = Feed(name: "pm-b")
        #expect(try DecideRun.times(rules, [feed.snapshot(1, "0.4", "0.42", at: 1), other.snapshot(1, "0.6", "0.62", at: 2)]) == [])
    }

    @Test func aClockSetBack_beginsTheWindowAnew() throws {
        #expect(try DecideRun.times(rules, book([(40, 100), (45, 99), (50, 100)])) == [100])
    }
}

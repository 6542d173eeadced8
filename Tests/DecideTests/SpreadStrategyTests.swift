import Testing

@testable import mkt_decide

struct SpreadStrategyTests {
    private let rules = "[rules.wide]\nstrategy = \"spread\"\nmin_spread = 0.05\n"
    private let feed = Feed()

    @Test func risingToTheLevel_fires_withExactNumbers() throws {
        let lines = [feed.snapshot(1, "0.4", "0.44", at: 1), feed.delta(2, ask: "0.44", size: 0, at: 2), feed.delta(3, ask: "0.46", at: 3)]
        #expect(try DecideRun.notes(rules, lines) == ["spread 0.06 >= 0.05 (bid 0.4, ask 0.46)"])
    }

    @Test(arguments: [("0.45", 1), ("0.449999", 0), ("0.450001", 1)])
    func oneMillionthBelow_doesNotFire(ask: String, count: Int) throws {
        #expect(try DecideRun.notes(rules, [feed.snapshot(1, "0.4", ask, at: 1)]).count == count)
    }

    @Test func stayingWide_firesOnce_andAgainAfterItWasNarrow() throws {
        let lines = [
            feed.snapshot(1, "0.4", "0.5", at: 1), feed.delta(2, bid: "0.41", at: 2), feed.delta(3, bid: "0.42", at: 3),
            feed.delta(4, bid: "0.46", at: 4), feed.delta(5, bid: "0.46", size: 0, at: 5), feed.delta(6, bid: "0.43", at: 6),
        ]
        #expect(try DecideRun.times(rules, lines) == [1, 5])
    }

    @Test func crossedBook_doesNotFire_andRearms() throws {
        let lines = [
            feed.snapshot(1, "0.4", "0.5", at: 1), feed.delta(2, bid: "0.6", at: 2), feed.delta(3, bid: "0.6", size: 0, at: 3),
        ]
        #expect(try DecideRun.times(rules, lines) == [1, 3])
    }

    @Test func oneSidedBook_hasNoSpread_andRearms() throws {
        let lines = [
            feed.snapshot(1, "0.4", nil, at: 1), feed.delta(2, ask: "0.5", at: 2), feed.delta(3, ask: "0.5", size: 0, at: 3),
            feed.delta(4, ask: "0.47", at: 4),
        ]
        #expect(try DecideRun.times(rules, lines) == [2, 4])
    }

    @Test func afterABreak_wideAgain_fires() throws {
        let lines = [
            feed.snapshot(1, "0.4", "0.5", at: 1), feed.status("gap", conn: 1, at: 2), feed.delta(2, bid: "0.41", at: 3),
            feed.snapshot(3, "0.4", "0.5", at: 4),
        ]
        #expect(try DecideRun.times(rules, lines) == [1, 4])
    }

    @Test func checkpointOfAKnownBook_isNoBreak() throws {
        #expect(try DecideRun.times(rules, [feed.snapshot(1, "0.4", "0.5", at: 1), feed.snapshot(2, "0.4", "0.5", at: 2)]) == [1])
    }

    @Test func cooldown_silencesByTheStreamsTime_andUsesTheOccasionUp() throws {
        let cooling = rules + "cooldown = \"10us\"\n"
        let lines = [
            feed.snapshot(1, "0.4", "0.5", at: 100), feed.delta(2, bid: "0.46", at: 101), feed.delta(3, bid: "0.46", size: 0, at: 109),
            feed.delta(4, bid: "0.41", at: 115), feed.delta(5, bid: "0.46", at: 116), feed.delta(6, bid: "0.46", size: 0, at: 119),
        ]
        #expect(try DecideRun.times(cooling, lines) == [100, 119])
        let justInTime = Array(lines[..<2]) + [feed.delta(3, bid: "0.46", size: 0, at: 110)]
        #expect(try DecideRun.times(cooling, justInTime) == [100, 110])
    }

    @Test func cooldown_isPerInstrument() throws {
        let other = Feed(instrument: "75")
        let lines = [feed.snapshot(1, "0.4", "0.5", at: 1), other.snapshot(1, "0.4", "0.5", at: 2)]
        #expect(try DecideRun.times(rules + "cooldown = \"1h\"\n", lines) == [1, 2])
    }

    @Test func cooldown_holdsForTheInstrumentAcrossFeeds() throws {
        let other = Feed(name: "pm-b")
        let lines = [feed.snapshot(1, "0.4", "0.5", at: 1), other.snapshot(1, "0.4", "0.5", at: 2)]
        #expect(try DecideRun.times(rules, lines) == [1, 2])
        #expect(try DecideRun.times(rules + "cooldown = \"1h\"\n", lines) == [1])
    }
}

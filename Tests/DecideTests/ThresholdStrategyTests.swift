import Testing

@testable import mkt_decide

struct ThresholdStrategyTests {
    private let above = "[rules.cross]\nstrategy = \"threshold\"\nabove = 0.6\n"
    private let below = "[rules.cross]\nstrategy = \"threshold\"\nbelow = 0.4\n"
    private let feed = Feed()

    private func trades(_ prices: [String]) -> [String] {
        prices.enumerated().map { feed.trade($1, at: $0) }
    }

    @Test func risingToTheLevel_fires() throws {
        #expect(try DecideRun.notes(above, trades(["0.58", "0.6"])) == ["trade 0.6 >= 0.6 (before 0.58)"])
        #expect(try DecideRun.notes(above, trades(["0.599999", "0.61"])) == ["trade 0.61 >= 0.6 (before 0.599999)"])
    }

    @Test func oneMillionthShort_doesNotFire() throws {
        #expect(try DecideRun.notes(above, trades(["0.58", "0.599999"])) == [])
        #expect(try DecideRun.notes(below, trades(["0.5", "0.400001"])) == [])
    }

    @Test func theFirstTrade_onlySetsTheSide() throws {
        #expect(try DecideRun.times(above, trades(["0.7", "0.8", "0.5", "0.6"])) == [3])
        #expect(try DecideRun.times(below, trades(["0.3", "0.2", "0.5", "0.4"])) == [3])
    }

    @Test func onTheLevel_isNotBeforeIt() throws {
        #expect(try DecideRun.times(above, trades(["0.6", "0.6", "0.7"])) == [])
        #expect(try DecideRun.times(below, trades(["0.4", "0.4", "0.3"])) == [])
    }

    @Test func bothLevels_inOneRule() throws {
        let both = above + "below = 0.4\n"
        let decisions = try DecideRun.notes(both, trades(["0.5", "0.65", "0.35", "0.65"]))
        #expect(
            decisions == [
                "trade 0.65 >= 0.6 (before 0.5)", "trade 0.35 <= 0.4 (before 0.65)", "trade 0.65 >= 0.6 (before 0.35)",
            ])
    }

    @Test func theLastTrade_survivesBreaksAndReconnects() throws {
        var later = feed
        later.conn = 2
        let lines = [feed.trade("0.5", at: 1), feed.status("disconnected", conn: 1, at: 2), later.trade("0.7", at: 3)]
        #expect(try DecideRun.times(above, lines) == [3])
    }

    @Test func otherInstruments_areOthers() throws {
        let other = Feed(instrument: "75")
        #expect(try DecideRun.times(above, [feed.trade("0.5", at: 1), other.trade("0.7", at: 2)]) == [])
    }
}

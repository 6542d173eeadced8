import MarketModel
import TestSupport
import Testing

@testable import mkt_decide

struct ImbalanceStrategyTests {
    private let feed = Feed()

    private func rule(_ levels: Int = 5, _ share: String = "0.8") -> String {
        "[rules.r]\nstrategy = \"imbalance\"\nlevels = \(levels)\nmin_share = \(share)\n"
    }

    @Test func example_ofTheDocumentation() throws {
        let book = feed.book(1, bids: "[[0.4,50],[0.39,30]]", asks: "[[0.41,15],[0.42,5]]", at: 1)
        #expect(try DecideRun.notes(rule(), [book]) == ["bids 80 of 100 in the best 5 levels >= 0.8"])
    }

    @Test(arguments: [("80", 1), ("79.999999", 0), ("80.000001", 1)])
    func oneMillionthBelow_doesNotFire(size: String, count: Int) throws {
        let book = feed.book(1, bids: "[[0.4,\(size)]]", asks: "[[0.41,20]]", at: 1)
        #expect(try DecideRun.notes(rule(), [book]).count == count)
        let mirror = feed.book(1, bids: "[[0.4,20]]", asks: "[[0.41,\(size)]]", at: 1)
        #expect(try DecideRun.notes(rule(), [mirror]).count == count)
    }

    @Test func onlyTheBestLevels_count() throws {
        let book = feed.book(1, bids: "[[0.4,50],[0.39,30],[0.38,900]]", asks: "[[0.41,50],[0.42,50],[0.43,1]]", at: 1)
        #expect(try DecideRun.notes(rule(2), [book]).isEmpty)
        #expect(try DecideRun.notes(rule(3), [book]) == ["bids 980 of 1081 in the best 3 levels >= 0.8"])
    }

    @Test func changesBehindTheBest_areSeen_andStayingHeavyFiresOnce() throws {
        let lines = [
            feed.book(1, bids: "[[0.4,10]]", asks: "[[0.41,10]]", at: 1), feed.delta(2, bid: "0.39", size: 30, at: 2),
            feed.delta(3, bid: "0.39", size: 31, at: 3), feed.delta(4, bid: "0.39", size: 29, at: 4),
            feed.delta(5, bid: "0.39", size: 70, at: 5), feed.delta(6, ask: "0.42", size: 310, at: 6), feed.status("gap", at: 7),
            feed.book(7, bids: "[[0.4,10]]", asks: "[[0.41,40]]", at: 8),
        ]
        #expect(try DecideRun.times(rule(), lines) == [2, 5, 6, 8])
    }

    @Test func oneSidedAndCrossedBooks_areInBalance() throws {
        #expect(try DecideRun.notes(rule(), [feed.book(1, bids: "[[0.4,50]]", at: 1)]).isEmpty)
        #expect(try DecideRun.notes(rule(), [feed.book(1, bids: "[[0.4,50]]", asks: "[[0.39,1]]", at: 1)]).isEmpty)
    }

    @Test func topRules_areNotAskedMoreOften() throws {
        let both =
            rule()
            + "[rules.a]\nstrategy = \"move\"\nwindow = \"1m\"\nmin_move = 0.01\n[rules.z]\nstrategy = \"spread\"\nmin_spread = 0.01\n"
        let lines = [feed.book(1, bids: "[[0.4,10]]", asks: "[[0.41,10]]", at: 1), feed.delta(2, bid: "0.39", size: 30, at: 2)]
        #expect(try DecideRun.decisions(both, lines).map(\.rule) == ["z", "r"])
    }
}

import Testing

@testable import mkt_decide

/// A link that the prices contradict.
struct LinkGuardTests {
    private let rule = """
        [rules.xv]
        strategy = "arbitrage"
        min_edge = 0.005
        max_size = 1000
        max_cost = 5000
        max_age = "120s"

        """
    private let left = Feed()
    private let right = Feed(name: "kalshi", venue: "kalshi", market: "KX", instrument: "KX")

    private func run(_ relation: String, _ books: [String]) throws -> [DecideRun.Decision] {
        let free = #"{"model":"none"}"#
        return try DecideRun.decisions(
            rule, [left.facts(fee: free), right.facts(fee: free)] + books, links: ["polymarket,74,kalshi,KX,\(relation),1,approved"])
    }

    @Test func sameThatAddsUpToOne_isSilent_thenHeld_andToldOnce() throws {
        let books = [
            left.snapshot(1, "0.29", "0.31", at: 0), right.snapshot(1, "0.69", "0.71", at: 1), right.delta(2, bid: "0.01", at: 60_000_000),
            right.delta(3, bid: "0.02", at: 60_000_001), right.delta(4, bid: "0.03", at: 60_000_002),
            left.delta(2, ask: "0.2", at: 60_000_003),
        ]
        let decisions = try run("same", books)
        #expect(decisions.map(\.received) == [60_000_001])
        #expect(decisions[0].note == "link held: polymarket 74 same as kalshi KX, but its mids add up to 1 for 1m; probably inverted")
        #expect(decisions[0].line.contains(#""action":"alert""#))
        #expect(
            decisions[0].line.contains(
                #""legs":[{"venue":"polymarket","market":"0xm","instrument":"74","outcome":"Yes"},"#
                    + #"{"venue":"kalshi","market":"KX","instrument":"KX","outcome":"Yes"}],"note""#
            ))
    }

    @Test func inverseThatAgrees_isSilentThenHeld() throws {
        let books = [
            left.snapshot(1, "0.29", "0.31", at: 0), right.snapshot(1, "0.29", "0.31", at: 1), right.delta(2, bid: "0.01", at: 60_000_001),
        ]
        #expect(try run("inverse", books).map(\.received) == [60_000_001])
    }

    @Test func pricesThatFitAgain_endTheSuspicion() throws {
        let books = [
            left.snapshot(1, "0.29", "0.31", at: 0), right.snapshot(1, "0.69", "0.71", at: 1),
            right.book(2, bids: "[[0.35,10]]", asks: "[[0.37,10]]", at: 30_000_000), right.snapshot(3, "0.69", "0.71", at: 30_000_001),
            right.delta(4, bid: "0.01", at: 60_000_001),
        ]
        #expect(try run("same", books).map(\.received) == [30_000_000])
    }

    /// Mids 0.30 and 0.70 on the edge: 0.03 off one and 0.1 apart, in half millionths.
    @Test(arguments: [("0.67", true), ("0.669998", false), ("0.73", true), ("0.730002", false)])
    func tolerance(mid: String, isSuspect: Bool) throws {
        let books = [left.snapshot(1, "0.3", "0.3", at: 0), right.snapshot(1, mid, mid, at: 1)]
        #expect(try run("same", books).isEmpty == isSuspect)
    }

    @Test(arguments: [("0.45", "0.55", false), ("0.449999", "0.550001", true)])
    func nearFifty_nothingCanBeTold(low: String, high: String, isSuspect: Bool) throws {
        let books = [left.snapshot(1, low, low, at: 0), right.snapshot(1, high, high, at: 1)]
        #expect(try run("same", books).isEmpty == isSuspect)
    }

    @Test func bookWithoutAMid_leavesItAsItLooked() throws {
        let books = [
            left.snapshot(1, "0.29", "0.31", at: 0), right.snapshot(1, "0.69", "0.71", at: 1), right.delta(2, ask: "0.71", size: 0, at: 2),
        ]
        #expect(try run("same", books).isEmpty)
    }
}

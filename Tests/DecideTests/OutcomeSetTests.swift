import Testing

@testable import mkt_decide

/// `complement` and `event_set`.
struct OutcomeSetTests {
    private func rule(_ strategy: String, _ more: String) -> String {
        """
        [rules.r]
        strategy = "\(strategy)"
        min_edge = 0.005
        max_size = 1000
        max_cost = 5000
        max_age = "2s"
        \(more)

        """
    }

    private let free = #"{"model":"none"}"#
    private let yes = Feed(instrument: "74")
    private let no = Feed(instrument: "75")

    // MARK: Complement

    private var pair: [String] {
        [yes.facts(fee: free, #","complement":"75""#), no.facts(outcome: "No", fee: free, #","complement":"74""#)]
    }

    @Test func complement_buysBoth_ofTheDocumentation() throws {
        let lines = pair + [no.book(1, asks: "[[0.49,80]]", at: 1), yes.book(1, asks: "[[0.48,100]]", at: 2)]
        let decisions = try DecideRun.decisions(rule("complement", "hold = \"0\""), lines)
        #expect(decisions.map(\.note) == ["buy 80 for 77.6 + fees 0, pays 80: profit 2.4, edge 0.03 >= 0.005"])
        #expect(decisions[0].line.contains(#""because":[{"instrument":"75","feed":"pm","conn":1,"seq":1,"recv_us":1},{"instrument":"74""#))
        #expect(
            decisions[0].line.contains(
                #""legs":[{"venue":"polymarket","market":"0xm","instrument":"74","outcome":"Yes","side":"buy","price":0.48,"#
                    + #""average_price":0.48,"size":80,"fee":0},{"venue":"polymarket","market":"0xm","instrument":"75","outcome":"No""#
            ))
        #expect(!decisions[0].line.contains(#""data""#))
    }

    @Test func complement_sellsBoth() throws {
        let lines = pair + [no.book(1, bids: "[[0.55,80]]", at: 1), yes.book(1, bids: "[[0.48,100]]", at: 2)]
        let decisions = try DecideRun.decisions(rule("complement", "hold = \"0\""), lines)
        #expect(decisions.map(\.note) == ["sell 80 for 82.4 - fees 0, made of 80: profit 2.4, edge 0.03 >= 0.005"])
        #expect(decisions[0].line.contains(#""side":"sell","price":0.48"#))
        #expect(decisions[0].line.contains(#""size":80,"cost":80,"payout":82.4,"fees":0,"edge":0.03,"profit":2.4"#))
    }

    @Test func complement_halfAnUpdate_isHeldBack() throws {
        let lines =
            pair + [
                yes.book(1, bids: "[[0.4,50]]", asks: "[[0.42,50]]", at: 1), no.book(1, bids: "[[0.58,50]]", asks: "[[0.6,50]]", at: 1),
                yes.book(2, bids: "[[0.5,50]]", asks: "[[0.52,50]]", at: 9), no.book(2, bids: "[[0.48,50]]", asks: "[[0.5,50]]", at: 9),
            ]
        #expect(try DecideRun.times(rule("complement", "hold = \"0\""), lines) == [9])
        #expect(try DecideRun.times(rule("complement", "hold = \"1us\""), lines) == [])
    }

    @Test func complement_needsBothToNameEachOther_inOneMarket() throws {
        let books = [no.book(1, asks: "[[0.49,80]]", at: 1), yes.book(1, asks: "[[0.48,100]]", at: 2)]
        let rules = rule("complement", "hold = \"0\"")
        #expect(try DecideRun.times(rules, pair + books) == [2])
        #expect(try DecideRun.times(rules, [pair[1], pair[0]] + books) == [2])
        #expect(try DecideRun.times(rules, [pair[0], no.facts(fee: free)] + books) == [])
        #expect(try DecideRun.times(rules, [pair[0], pair[1].replacing("\"74\"", with: "\"76\"")] + books) == [])
        #expect(try DecideRun.times(rules, pair + [no.facts(fee: free)] + books) == [])
        let elsewhere = Feed(market: "0xn", instrument: "75")
        let lines = [pair[0], elsewhere.facts(fee: free, #","complement":"74""#), elsewhere.book(1, asks: "[[0.49,80]]", at: 1), books[1]]
        #expect(try DecideRun.times(rules, lines) == [])
    }

    // MARK: Event sets

    private func outcome(_ number: Int) -> Feed { Feed(market: "0x\(number)", instrument: "\(number)") }

    private func told(_ number: Int, _ negRisk: String? = "standard", outcome text: String = "Yes") -> String {
        outcome(number).facts(outcome: text, fee: free, #","event":"who""# + (negRisk.map { #","neg_risk":"\#($0)""# } ?? ""))
    }

    private var asks: [String] {
        zip([3, 1, 2], ["0.3", "0.33", "0.31"]).map { outcome($0).book(1, asks: "[[\($1),50]]", at: $0) }
    }
    private let three = "events = { who = 3 }"

    @Test func eventSet_buysAll_ofTheDocumentation() throws {
        let decisions = try DecideRun.decisions(rule("event_set", three), [told(1), told(2), told(3)] + asks)
        #expect(decisions.map(\.note) == ["buy 50 for 47 + fees 0, pays 50: profit 3, edge 0.06 >= 0.005"])
        let order = decisions[0].line.split(separator: "\"instrument\":\"").dropFirst().prefix(3).map { $0.prefix(1) }
        #expect(order == ["1", "2", "3"])
    }

    @Test func eventSet_sellsAll() throws {
        let bids = zip([1, 2, 3], ["0.4", "0.41", "0.3"]).map { outcome($0).book(1, bids: "[[\($1),50]]", at: $0) }
        let notes = try DecideRun.notes(rule("event_set", three), [told(1), told(2), told(3)] + bids)
        #expect(notes == ["sell 50 for 55.5 - fees 0, made of 50: profit 5.5, edge 0.11 >= 0.005"])
    }

    @Test func eventSet_isSilentUnlessComplete() throws {
        func count(_ facts: [String], _ more: String = "events = { who = 3 }") throws -> Int {
            try DecideRun.times(rule("event_set", more), facts + asks).count
        }
        #expect(try count([told(1), told(2), told(3)]) == 1)
        #expect(try count([told(1), told(2)]) == 0)
        #expect(try count([told(1), told(2), told(3)], "events = { who = 4 }") == 0)
        #expect(try count([told(1), told(2), told(3)], "events = { who = 2 }") == 0)
        #expect(try count([told(1), told(2), told(3)], "events = { what = 3 }") == 0)
        #expect(try count([told(1), told(2), told(3), told(4)]) == 0)
        for word in ["augmented", "none", nil] {
            #expect(try count([told(1), told(2), told(3, word)]) == 0)
            #expect(try count([told(1), told(2), told(3), told(9, word, outcome: "No")]) == 0)
        }
        #expect(try count([told(1), told(2), told(3), told(9, outcome: "No")]) == 1)
        #expect(try count([told(1), told(2), told(3), told(3, "augmented")]) == 0)
        #expect(try count([told(1), told(2), told(3), outcome(3).facts(fee: free)]) == 0)
        // Two outcomes of one market are not two of the event.
        let twice = Feed(market: "0x1", instrument: "3").facts(fee: free, #","event":"who","neg_risk":"standard""#)
        let books = [asks[1], asks[2], Feed(market: "0x1", instrument: "3").book(1, asks: "[[0.3,50]]", at: 3)]
        #expect(try DecideRun.times(rule("event_set", three), [told(1), told(2), twice] + books) == [])
    }
}

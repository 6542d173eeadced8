import Testing

@testable import pm_feed

/// Who has won: the socket's word, and REST's (dossier §2.7).
@Suite struct PolymarketConfirmTests {
    private func opened() throws -> Session {
        let session = try Session()
        try session.open()
        return session
    }

    private func socket(_ winner: String) -> String {
        #"{"event_type":"market_resolved","id":"7","market":"0xc","assets_ids":["1","2"],"winning_asset_id":"\#(winner)","timestamp":"5"}"#
    }

    private func rest(_ winner: String?) -> String {
        let tokens = ["1", "2"].map { #"{"token_id":"\#($0)","outcome":"O","price":0,"winner":\#($0 == winner)}"# }.joined(separator: ",")
        return #"{"condition_id":"0xc","closed":true,"tokens":[\#(tokens)]}"#
    }

    private func told(_ winner: String, _ state: String, _ reason: String, _ venue: String = "") -> [String] {
        ["1", "2"].flatMap { token in
            [
                "market_status \(token)\(venue) state=\"\(state)\" reason=\"\(reason)\"",
                "resolution \(token)\(venue) settlement_price=\(token == winner ? 1 : 0) outcome_won=\(token == winner)",
            ]
        }
    }

    @Test func socketsWord_confirmedByREST_isSettled_onceAndWithoutASecondResolution() throws {
        let session = try opened()
        #expect(try session.receive(socket("2")).brief == told("2", "determined", "market_resolved", " venue_us=5000"))
        let lines = try session.answer(rest("2"), path: "/markets/0xc").brief
        #expect(lines == ["1", "2"].map { "market_status \($0) state=\"settled\" reason=\"confirmed by REST\"" })
        #expect(try session.answer(rest("2"), path: "/markets/0xc").isEmpty)
        #expect(try session.receive(socket("2")).isEmpty)
    }

    @Test func restContradictsTheSocket_isLoud_andTellsTheOtherWinner_once() throws {
        let session = try opened()
        try session.receive(socket("2"))
        let lines = try session.answer(rest("1"), path: "/markets/0xc").brief
        #expect(
            lines.first == "feed_status state=\"drift\" reason=\"REST contradicts the winner of 0xc that was told before\" instruments=[]")
        #expect(Array(lines.dropFirst()) == told("1", "settled", "told by REST"))
        #expect(session["contradicted_resolutions"] == 1)
        #expect(try session.answer(rest("1"), path: "/markets/0xc").isEmpty)
    }

    @Test func restIsTheFirstToTell_whereTheSocketSaidNothing_andItsEchoIsNoNews() throws {
        let session = try opened()
        #expect(try session.answer(rest("1"), path: "/markets/0xc").brief == told("1", "settled", "told by REST"))
        #expect(try session.receive(socket("1")).isEmpty && session["repeated_market_resolved"] == 1)
        #expect(try session.answer(rest("1"), path: "/markets/0xc").isEmpty)
    }

    @Test func nobodyHasWonYet_isNoNews() throws {
        let session = try opened()
        try session.receive(socket("2"))
        #expect(try session.answer(rest(nil), path: "/markets/0xc").isEmpty)
        #expect(try session.answer(rest("2"), path: "/markets/0xc").brief.count == 2)
    }

    @Test func twoWinners_areAReject_notAResolution() throws {
        let session = try opened()
        let both = rest("1").replacing("\"winner\":false", with: "\"winner\":true")
        #expect(try session.answer(both, path: "/markets/0xc").isEmpty && session.rejects.count == 1)
    }

    // MARK: For whoever subscribes

    @Test func newsOfMarkets_areNotedOnce() throws {
        let session = try opened()
        let fresh =
            #"{"id":"7","question":"Q","market":"0xd","slug":"s","clob_token_ids":["3","4"],"outcomes":["Yes","No"],"timestamp":"5","event_type":"new_market"}"#
        for _ in 0..<5 { try session.receive(fresh) }
        for _ in 0..<5 { try session.receive(socket("1")) }
        let announcer = session.venue.announcer
        #expect(announcer.takeFreshMarkets().map(\.tokens) == [["3", "4"]] && announcer.takeFreshMarkets().isEmpty)
        #expect(announcer.takeFreshResolutions().map(\.market) == ["0xc"] && announcer.takeFreshResolutions().isEmpty)
        try session.receive(fresh)
        try session.receive(socket("1"))
        #expect(announcer.takeFreshMarkets().isEmpty && announcer.takeFreshResolutions().isEmpty)
    }
}

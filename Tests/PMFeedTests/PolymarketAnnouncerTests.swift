import Testing

@testable import pm_feed

@Suite struct PolymarketAnnouncerTests {
    private func announcement(_ extra: String = "", id: String = "7", tokens: String = #"["1","2"]"#) -> String {
        #"{"id":"\#(id)","question":"Q\n","market":"m","slug":"s","clob_token_ids":\#(tokens),"outcomes":["Yes","No"],"event_message":{"slug":"e"},"timestamp":"5","active":true\#(extra),"event_type":"new_market"}"#
    }

    private func opened(_ arguments: [String] = []) throws -> Session {
        let session = try Session(arguments)
        try session.open()
        return session
    }

    @Test func repeatedAnnouncement_isToldOnce_alsoOnAnotherConnection() throws {
        let session = try opened()
        try session.open(2)
        #expect(try session.receive(announcement()).count == 2)
        for conn in [1, 2, 1] as [Int64] { #expect(try session.receive(announcement(), conn: conn).isEmpty) }
        #expect(session["repeated_new_market"] == 3 && session["frames_new_market"] == 4)
    }

    @Test func faultyAnnouncement_doesNotBarTheRightOneBehindIt() throws {
        let session = try opened()
        #expect(try session.receive(announcement(tokens: #"["1"]"#)).isEmpty)
        #expect(try session.receive(announcement(tokens: "\"oops\"")).isEmpty)
        #expect(try session.receive(announcement()).count == 2)
        #expect(session.rejects.count == 2)
    }

    @Test func listsInsideStrings_areTaken() throws {
        #expect(
            try opened().receive(announcement(tokens: #""[\"1\", \"2\"]""#)).instruments[line: 1].hasPrefix("instrument 2 outcome=\"No\""))
    }

    @Test(arguments: [
        (
            #","fees_enabled":true,"fee_schedule":{"rate":"0.07","exponent":"1"}"#,
            #"{"model":"quadratic","taker_rate":0.07,"maker_rate":0,"exponent":1,"multiplier":1}"#
        ),
        (
            #","fees_enabled":true,"fee_schedule":{"rate":0.25,"exponent":2}"#,
            #"{"model":"quadratic","taker_rate":0.25,"maker_rate":0,"exponent":2,"multiplier":1}"#
        ),
        (#","fees_enabled":true,"fee_schedule":{"rate":"0","exponent":"1"}"#, #"{"model":"none"}"#),
        (#","fees_enabled":false,"taker_base_fee":"1000""#, #"{"model":"none"}"#),
        (#","fees_enabled":true,"taker_base_fee":"1000""#, #"{"model":"unknown"}"#),
        (#","fees_enabled":true,"fee_schedule":null"#, #"{"model":"unknown"}"#),
        (#","fees_enabled":true,"fee_schedule":{"rate":"lots","exponent":"1"}"#, #"{"model":"unknown"}"#),
        (#","fees_enabled":true,"fee_schedule":{"rate":"0.07"}"#, #"{"model":"unknown"}"#),
        ("", #"{"model":"unknown"}"#),
    ])
    func fee_isOfTheSchedule_neverOfTheBaseFee(extra: String, fee: String) throws {
        #expect(try opened().receive(announcement(extra)).instruments[line: 0].hasSuffix(" fee=\(fee)"))
    }

    @Test(arguments: ["\"\"", "\"2026-10-04 14:25:00+00\"", "null", "5", "{}", "[]"])
    func gameStartTimeOfAnyKind_isNoFault(value: String) throws {
        #expect(try opened().receive(announcement(#","game_start_time":\#(value),"line":\#(value),"tags":\#(value)"#)).count == 2)
    }

    @Test func announcedSlug_becomesTheLabel_exceptWithNoLabel() throws {
        for (arguments, label) in [([], "\"s/Yes\""), (["--no-label"], nil)] as [([String], String?)] {
            let session = try opened(arguments)
            #expect(try session.receive(announcement())[line: 0].member("label") == label)
            #expect(try session.receive(WireBook(market: "m", asset: "1").frame(venueMillis))[line: 1].member("label") == label)
        }
    }

    @Test func resolution_isToldOnce_withEachTokensPrice() throws {
        let session = try opened()
        let frame =
            #"{"event_type":"market_resolved","id":"7","market":"m","assets_ids":["1","2"],"winning_asset_id":"2","winning_outcome":"No","timestamp":"5","tags":[],"event_message":null,"question":"Q","slug":"s","description":"","outcomes":["Yes","No"]}"#
        #expect(
            try session.receive(frame).brief == [
                "market_status 1 venue_us=5000 state=\"determined\" reason=\"market_resolved\"",
                "resolution 1 venue_us=5000 settlement_price=0 outcome_won=false",
                "market_status 2 venue_us=5000 state=\"determined\" reason=\"market_resolved\"",
                "resolution 2 venue_us=5000 settlement_price=1 outcome_won=true",
            ])
        #expect(try session.receive(frame).isEmpty)
        #expect(session["repeated_market_resolved"] == 1 && session["status_drift"] == 0)
    }

    @Test func resolution_underBooksOnly_isNotTold() throws {
        let session = try opened(["--books-only"])
        let frame = #"{"event_type":"market_resolved","market":"m","assets_ids":["1"],"winning_asset_id":"1","timestamp":"5"}"#
        #expect(try session.receive(frame).isEmpty)
    }
}

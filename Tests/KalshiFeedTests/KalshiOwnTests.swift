import Testing

@testable import kalshi_feed

/// Own fills, orders and positions. Source: venues dossier §3.6.
@Suite struct KalshiOwnTests {
    private static let fill =
        #"{"type":"fill","sid":4,"msg":{"trade_id":"t1","order_id":"o1","client_order_id":"mine","market_ticker":"A","exchange_index":0,"#
        + #""is_taker":true,"side":"no","yes_price_dollars":"0.7500","count_fp":"2.50","fee_cost":"0.0123","action":"buy","outcome_side":"no","#
        + #""book_side":"ask","ts":1790000000,"ts_ms":1790000000123,"post_position_fp":"-2.50","purchased_side":"no","subaccount":0}}"#
    private static let order =
        #"{"type":"user_order","sid":5,"msg":{"order_id":"o1","user_id":"u","ticker":"A","exchange_index":0,"status":"resting","side":"no","#
        + #""is_yes":false,"outcome_side":"no","book_side":"ask","yes_price_dollars":"0.7500","fill_count_fp":"2.50","#
        + #""remaining_count_fp":"7.50","initial_count_fp":"10.00","client_order_id":"mine","created_ts_ms":1790000000000,"#
        + #""last_updated_ts_ms":1790000000123,"last_update_reason":"Fill","subaccount_number":0}}"#
    private static let position =
        #"{"type":"market_position","sid":6,"msg":{"user_id":"u","market_ticker":"A","position_fp":"-2.50","position_cost_dollars":"0.6250","#
        + #""realized_pnl_dollars":"-0.1000","fees_paid_dollars":"0.0123","position_fee_cost_dollars":"0.0000","volume_fp":"2.50"}}"#

    @Test func ownMessages_areTold_inTermsOfTheYesSide() throws {
        let session = try Session(["--user"])
        try session.open()
        let lines = try session.receive(Self.fill) + session.receive(Self.order) + session.receive(Self.position)
        #expect(
            lines.brief.filter { !$0.hasPrefix("feed_status") } == [
                "own_fill instrument=A conn=1 venue_us=1790000000123000 trade_id=t1 order_id=o1 client_id=mine side=sell price=0.75 size=2.5 "
                    + "is_taker=true fee=0.0123",
                "own_order instrument=A conn=1 venue_us=1790000000123000 order_id=o1 client_id=mine side=sell price=0.75 size=10 filled=2.5 "
                    + "remaining=7.5 state=open reason=Fill",
                "own_position instrument=A conn=1 size=-2.5 cost=0.625 realized_pnl=-0.1 fees_paid=0.0123",
            ])
        #expect(lines.instruments.count == 1)
        #expect(session["status_drift"] == 0)
    }

    @Test func withoutTheOption_nothingIsTold() throws {
        let session = try Session()
        #expect(try session.receive(Self.fill).brief.filter { $0.hasPrefix("own") } == [] && session["unmapped_fill"] == 1)
    }

    @Test func ownLines_areToldWhateverMARKETNames() throws {
        let session = try Session(["--user", "--trades-only", "Z-1"])
        #expect(try session.receive(Self.fill).brief.contains { $0.hasPrefix("own_fill") })
    }

    @Test func copies_areToldOnce_changesEachTime() throws {
        let session = try Session(["--user"])
        try session.open(1)
        try session.open(2)
        for frame in [Self.fill, Self.order, Self.position] {
            #expect(try session.receive(frame, conn: 1).brief.filter { $0.hasPrefix("own") }.count == 1)
            #expect(try session.receive(frame, conn: 2).brief.filter { $0.hasPrefix("own") }.isEmpty)
        }
        let later = Self.order.replacing("0000123", with: "0000999").replacing(
            #""remaining_count_fp":"7.50""#, with: #""remaining_count_fp":"0.00""#
        )
        .replacing("resting", with: "canceled")
        #expect(try session.receive(later, conn: 1).brief.last?.contains("remaining=0 state=canceled") == true)
    }

    @Test(arguments: [
        ("resting", "open"), ("executed", "filled"), ("canceled", "canceled"), ("paused", "unknown"),
    ])
    func statuses_areNamedAsInTheContract(_ status: String, _ state: String) throws {
        let session = try Session(["--user"])
        let lines = try session.receive(Self.order.replacing("resting", with: status)).brief
        #expect(lines.contains { $0.contains("state=\(state) ") })
        #expect(session["status_drift"] == (state == "unknown" ? 1 : 0))
    }

    @Test(arguments: [
        (#""outcome_side":"no","book_side":"ask","#, "", "sell"),
        (#""outcome_side":"no","book_side":"ask","#, #""outcome_side":"yes","#, "buy"),
        (
            #""side":"no","yes_price_dollars":"0.7500","count_fp":"2.50","fee_cost":"0.0123","action":"buy","outcome_side":"no","book_side":"ask","#,
            #""side":"no","yes_price_dollars":"0.7500","count_fp":"2.50","action":"sell","#, "buy"
        ),
    ])
    func side_isTakenFromWhatIsThere(_ old: String, _ new: String, _ side: String) throws {
        let session = try Session(["--user"])
        #expect(try session.receive(Self.fill.replacing(old, with: new)).brief.contains { $0.contains("side=\(side) ") })
    }

    @Test(arguments: [
        (#""count_fp":"2.50","#, ""), (#""trade_id":"t1","#, ""), (#""yes_price_dollars":"0.7500","#, #""yes_price":75,"#),
        (#""book_side":"ask""#, #""book_side":"bid""#), (#""outcome_side":"no""#, #""outcome_side":"maybe""#),
    ])
    func fillThatCannotBeRead_isALoss_neverZero(_ old: String, _ new: String) throws {
        let session = try Session(["--user"])
        let lines = try session.receive(Self.fill.replacing(old, with: new)).brief
        #expect(!lines.contains { $0.hasPrefix("own_") })
        #expect(lines.contains { $0.contains("state=gap reason=malformed fill") && $0.hasSuffix("instruments=[]") })
        #expect(session["skipped_malformed_fill"] == 1)
    }
}

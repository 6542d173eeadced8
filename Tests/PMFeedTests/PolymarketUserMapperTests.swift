import MarketModel
import TestSupport
import Testing

@testable import pm_feed

/// The user channel on paper: what each message becomes.
@Suite struct PolymarketUserMapperTests {
    private static let key = "11111111-2222-3333-4444-555555555555"
    /// `printf 11111111-2222-3333-4444-555555555555 | sha256sum`
    private static let first =
        #"{"auth":{"apiKey":"sha256:666ff6ccaa5b3c07feaa3a95d3a4bd2c46ac9e9abdb09ca9133528d3dc1e8952","secret":"****","passphrase":"****"},"type":"user"}"#

    private func session() throws -> Session {
        let session = try Session()
        try session.open()
        try session.send(PolymarketUserMapperTests.first)
        try session.receive("PONG")
        return session
    }

    private func order(_ changes: [String: String?] = [:]) -> String {
        PolymarketUserMapperTests.object(
            [
                ("event_type", #""order""#), ("id", #""0xaa""#), ("owner", #""\#(PolymarketUserMapperTests.key)""#), ("market", #""0xm""#),
                ("asset_id", #""77""#), ("side", #""BUY""#), ("original_size", #""100""#), ("size_matched", #""0""#), ("price", #""0.57""#),
                ("associate_trades", "null"), ("outcome", #""Yes""#), ("type", #""PLACEMENT""#), ("created_at", #""1790000000""#),
                ("expiration", #""0""#), ("order_type", #""GTC""#), ("status", #""LIVE""#), ("timestamp", #""1790000000123""#),
            ], changes)
    }

    private func trade(_ changes: [String: String?] = [:]) -> String {
        PolymarketUserMapperTests.object(
            [
                ("event_type", #""trade""#), ("type", #""TRADE""#), ("id", #""t1""#), ("taker_order_id", #""0xta""#), ("market", #""0xm""#),
                ("asset_id", #""77""#), ("side", #""BUY""#), ("size", #""10""#), ("price", #""0.57""#), ("fee_rate_bps", #""""#),
                ("status", #""MATCHED""#), ("matchtime", #""1790000000""#), ("last_update", #""1790000000""#), ("outcome", #""Yes""#),
                ("owner", #""x""#), ("trade_owner", #""x""#), ("transaction_hash", #""""#), ("bucket_index", "0"), ("maker_orders", "[]"),
                ("trader_side", #""TAKER""#), ("timestamp", #""1790000000""#),
            ], changes)
    }

    private func maker(_ order: String, owner: String = key, price: String = "0.43", side: String = "SELL", asset: String = "78") -> String
    {
        #"{"order_id":"\#(order)","owner":"\#(owner)","maker_address":"0x","matched_amount":"4","price":"\#(price)","fee_rate_bps":"","#
            + #""asset_id":"\#(asset)","outcome":"No","outcome_index":1,"side":"\#(side)"}"#
    }

    /// An object with some members changed; nil leaves one out.
    private static func object(_ members: [(String, String)], _ changes: [String: String?]) -> String {
        var members = members.filter { changes[$0.0] == nil }
        members += changes.sorted { $0.key < $1.key }.compactMap { change in change.value.map { (change.key, $0) } }
        return "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    // MARK: The connection

    @Test func firstFrameOfAnyKind_isLive_once_andNoBooksAreAwaited() throws {
        let session = try Session(["--stale-after", "5s"])
        try session.open()
        #expect(try session.send(PolymarketUserMapperTests.first).isEmpty)
        #expect(try session.wait(micros: 60_000_000).isEmpty)
        #expect(try session.receive("PONG").brief == [#"feed_status state="live" reason="own orders and fills""#])
        #expect(try session.receive("PONG").isEmpty)
        #expect(try session.wait(micros: 3_600_000_000).isEmpty)
        #expect(try session.drop().brief.last?.contains("instruments=[]") ?? false)
    }

    @Test func userFrame_onAnotherConnection_leavesTheMarketChannelAlone() throws {
        let session = try session()
        try session.open(2)
        let book = WireBook.other(0)
        try session.send(#"{"assets_ids":["\#(book.asset)"],"type":"market","initial_dump":true,"level":2}"#, conn: 2)
        #expect(try session.receive(book.frame(venueMillis), conn: 2).brief.count == 2)
        try session.drop(1)
        #expect(session.knownBook(book.asset) != nil)
    }

    // MARK: Orders

    @Test func order_placed_updated_canceled() throws {
        let session = try session()
        #expect(
            try session.receive(order()).brief == [
                #"own_order 77 venue_us=1790000000123000 order_id="0xaa" side="buy" price=0.57 size=100 filled=0 state="open""#
            ])
        let update = order(["type": #""UPDATE""#, "size_matched": #""40.5""#, "status": #""MATCHED""#])
        #expect(try session.receive(update).brief.last?.contains(#"filled=40.5 state="open""#) ?? false)
        let whole = order(["type": #""UPDATE""#, "size_matched": #""100""#, "status": #""MATCHED""#])
        #expect(try session.receive(whole).brief.last?.contains(#"filled=100 state="filled""#) ?? false)
        let canceled = order(["type": #""CANCELLATION""#, "status": #""CANCELED""#])
        #expect(try session.receive(canceled).brief.last?.hasSuffix(#"state="canceled""#) ?? false)
    }

    @Test func order_saidAgain_isToldOnce() throws {
        let session = try session()
        #expect(try session.receive(order()).brief.count == 1)
        #expect(try session.receive(order()).isEmpty)
        #expect(session["repeated_own_orders"] == 1)
    }

    @Test func order_sentenceForAStatus_andEmptyTexts_areToldAsTheyAre() throws {
        let session = try session()
        let killed = order([
            "type": #""CANCELLATION""#, "status": #""CANCELED_order couldn't be fully filled. FOK orders are fully filled or killed.""#,
            "size_matched": #""""#, "outcome": #""""#, "created_at": #""""#, "order_type": #""FOK""#,
        ])
        #expect(
            try session.receive(killed).brief == [
                #"own_order 77 venue_us=1790000000123000 order_id="0xaa" side="buy" price=0.57 size=100 state="canceled" "#
                    + #"reason="CANCELED_order couldn't be fully filled. FOK orders are fully filled or killed.""#
            ])
    }

    @Test(arguments: [
        ("LIVE", "CANCELLATION", "0", "GTC", "canceled"), ("MATCHED", "UPDATE", "40", "FAK", "unknown"),
        ("MATCHED", "CANCELLATION", "40", "GTC", "canceled"), ("INVALID", "PLACEMENT", "0", "GTC", "rejected"),
        ("CANCELED", "UPDATE", "40", "GTC", "canceled"), ("", "PLACEMENT", "0", "GTC", "open"),
        ("", "CANCELLATION", "0", "GTC", "canceled"),
        ("", "UPDATE", "100", "GTC", "filled"), ("", "UPDATE", "40", "GTC", "open"), ("DREAMT", "UPDATE", "40", "GTC", "unknown"),
    ])
    func order_state(status: String, type: String, matched: String, kind: String, state: String) throws {
        let session = try session()
        let message = order([
            "status": "\"\(status)\"", "type": "\"\(type)\"", "size_matched": "\"\(matched)\"", "order_type": "\"\(kind)\"",
        ])
        #expect(try session.receive(message).brief.contains { $0.contains("state=\"\(state)\"") })
    }

    @Test(arguments: ["id", "market", "asset_id", "side", "type"], [nil, #""""#])
    func order_withoutWhatDecides_isRejected(key: String, value: String?) throws {
        let session = try session()
        #expect(try session.receive(order([key: value])).isEmpty)
        #expect(session["skipped_own_missing_\(key)"] == 1)
    }

    // MARK: Fills

    @Test func trade_asTaker_isOneFill_perStage() throws {
        let session = try session()
        let makers = "[" + maker("0xother", owner: "somebody") + "]"
        #expect(
            try session.receive(trade(["maker_orders": makers])).brief == [
                #"own_fill 77 venue_us=1790000000000000 trade_id="t1" order_id="0xta" side="buy" price=0.57 size=10 is_taker=true state="matched""#
            ])
        for (status, state) in [("MINED", "mined"), ("RETRYING", "retrying"), ("CONFIRMED", "confirmed"), ("FAILED", "failed")] {
            let frame = trade(["maker_orders": makers, "status": "\"\(status)\"", "transaction_hash": #""0xtx""#])
            #expect(try session.receive(frame).brief.last?.hasSuffix("state=\"\(state)\" tx=\"0xtx\"") ?? false)
            #expect(try session.receive(frame).isEmpty)
        }
        #expect(session["repeated_own_fills"] == 4)
    }

    @Test func trade_asMaker_isOneFillPerOwnOrder_onItsOwnInstrumentAndSide() throws {
        let session = try session()
        let makers = "[\(maker("0xm1")),\(maker("0xother", owner: "somebody")),\(maker("0xm2", price: "0.57", side: "BUY", asset: "77"))]"
        let lines = try session.receive(trade(["trader_side": #""MAKER""#, "maker_orders": makers, "timestamp": #""1790000000456""#]))
        #expect(
            lines.brief == [
                #"own_fill 78 venue_us=1790000000456000 trade_id="t1" order_id="0xm1" side="sell" price=0.43 size=4 is_taker=false state="matched""#,
                #"own_fill 77 venue_us=1790000000456000 trade_id="t1" order_id="0xm2" side="buy" price=0.57 size=4 is_taker=false state="matched""#,
            ])
    }

    @Test(arguments: [
        ("sha256:666ff6ccaa5b3c07feaa3a95d3a4b", true), ("sha256:666ff6ccaa5b3c07feaa3a95d3a4c", false), ("sha256:666ff6ccaa", true),
        ("sha256:666ff6cc", false), ("sha256:", false), ("", false), ("11111111-2222-3333-4444-555555555555", true),
    ])
    func owner_isOurs_asTheStandInOfOurKey_orAsTheKeyOfAnOldRecording(owner: String, isOurs: Bool) throws {
        let session = try session()
        let makers = "[\(maker("0xm1", owner: owner))]"
        let lines = try session.receive(trade(["trader_side": #""MAKER""#, "maker_orders": makers])).brief
        #expect(lines.contains { $0.hasPrefix("own_fill") } == isOurs)
    }

    @Test func trade_withOurselves_isBothLegs() throws {
        let session = try session()
        #expect(try session.receive(trade(["maker_orders": "[\(maker("0xm1"))]"])).brief.count == 2)
    }

    @Test func trade_ofNobodyWeKnow_isRejected_andToldAsDrift() throws {
        let session = try session()
        let frame = trade(["trader_side": #""MAKER""#, "maker_orders": "[\(maker("0xm1", owner: "somebody"))]"])
        #expect(try session.receive(frame).brief.first?.contains("no leg of our API key") ?? false)
        #expect(session["skipped_own_missing_owner"] == 1)
    }

    @Test func trade_makerPriceFinerThanSixDecimals_isRejectedAlone_neverRounded() throws {
        let session = try session()
        let makers = "[\(maker("0xm1", price: "0.0030000000012")),\(maker("0xm2"))]"
        let lines = try session.receive(trade(["trader_side": #""MAKER""#, "maker_orders": makers])).brief
        #expect(lines.count == 2)
        #expect(lines.first?.contains("more than six decimals") ?? false)
        #expect(lines.last?.contains("0xm2") ?? false)
        #expect(
            try session.receive(trade(["trader_side": #""MAKER""#, "maker_orders": "[\(maker("0xm1", price: "0.0030000000012"))]"])).isEmpty
        )
        #expect(session["skipped_own_out_of_range_price"] == 2)
    }

    @Test(arguments: ["id", "status", "trader_side", "market"], [nil, #""""#])
    func trade_withoutWhatDecides_isRejected(key: String, value: String?) throws {
        let session = try session()
        #expect(try session.receive(trade([key: value])).filter { $0.contains("own_fill") }.isEmpty)
        #expect(session["skipped_own_missing_\(key)"] == 1)
    }

    @Test func unknownTypesAndFields_areDrift() throws {
        let session = try session()
        #expect(try session.receive(order(["mood": "1"])).brief.first?.contains("unknown field order.mood") ?? false)
        #expect(try session.receive(#"{"event_type":"gift","id":"1"}"#).brief.first?.contains("unknown message type gift") ?? false)
        #expect(session["unknown_type"] == 1)
        #expect(try session.receive(#"{"event_type":"order","id""#).isEmpty)
        #expect(session["skipped_malformed_json"] == 1)
        #expect(try session.receive("[\(order(["id": #""0xbb""#])),\(order(["id": #""0xcc""#]))]").brief.count == 2)
    }

    // MARK: REST

    private func answer(_ session: Session, _ body: String, path: String = "/data/trades?after=1790000000") throws -> [String] {
        try session.answer(body, path: path).brief
    }

    private func listed(_ id: String, _ status: String, seconds: Int = 1_790_000_100, size: String = "10") -> String {
        trade([
            "event_type": nil, "type": nil, "timestamp": nil, "matchtime": nil, "id": "\"\(id)\"",
            "status": "\"TRADE_STATUS_\(status)\"", "match_time": "\"\(seconds)\"", "size": "\"\(size)\"",
        ])
    }

    @Test func listedTrades_areToldOnce_theOldestFirst_inBothShapes() throws {
        let session = try session()
        let page =
            #"{"limit":3,"count":2,"next_cursor":"LTE=","data":[\#(listed("b", "MINED", seconds: 1_790_000_200)),\#(listed("a", "CONFIRMED"))]}"#
        let lines = try answer(session, page)
        #expect(lines.map { $0.contains("trade_id=\"a\"") } == [true, false])
        #expect(lines.allSatisfy { $0.contains("own_fill 77") })
        #expect(try answer(session, page).isEmpty)
        #expect(try answer(session, "[\(listed("c", "MATCHED"))]").count == 1)
        #expect(session["own_fills_from_rest"] == 3)
    }

    @Test func listedTrade_behindTheSocket_saysNothingNew() throws {
        let session = try session()
        try session.receive(trade(["status": #""CONFIRMED""#]))
        #expect(try answer(session, "[\(listed("t1", "MINED"))]").isEmpty)
        #expect(try answer(session, "[\(listed("t1", "CONFIRMED"))]").isEmpty)
    }

    @Test func listedTrades_inOtherUnits_areNotUsed() throws {
        let session = try session()
        try session.receive(trade())
        let lines = try answer(session, "[\(listed("new", "MATCHED", size: "7000000")),\(listed("t1", "MINED", size: "10000000"))]")
        #expect(lines.count == 1)
        #expect(lines.first?.contains("other prices or sizes") ?? false)
    }

    @Test func listedTrades_fromBeforeTheChannel_areNotTold() throws {
        let session = try session()
        #expect(try answer(session, "[\(listed("old", "CONFIRMED", seconds: 1_789_999_980))]").isEmpty)
        #expect(session["own_fills_too_old"] == 1)
    }

    @Test(arguments: ["{}", #"{"data":{}}"#, #""no""#, "7"])
    func listOfAnotherShape_isRejected(body: String) throws {
        let session = try session()
        #expect(try answer(session, body).isEmpty)
        #expect(session["skipped_own_trades_shape"] == 1)
    }
}

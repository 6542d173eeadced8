import Testing

@testable import kalshi_feed

@Suite struct KalshiMapperTests {
    // MARK: Trades

    @Test(
        arguments: [
            (#","taker_outcome_side":"yes","taker_book_side":"bid","taker_side":"yes""#, "buy", false),
            (#","taker_outcome_side":"no","taker_book_side":"ask""#, "sell", false),
            (#","taker_outcome_side":"no""#, "sell", false),
            (#","taker_book_side":"bid""#, "buy", false),
            (#","taker_side":"no""#, "sell", false),
            (#","taker_outcome_side":"yes","taker_side":"no""#, "buy", false),
            (#","taker_outcome_side":"yes","taker_book_side":"ask""#, "unknown", true),
            (#","taker_outcome_side":"maybe""#, "unknown", true),
            ("", "unknown", true),
        ] as [(String, String, Bool)])
    func aggressor_isInTermsOfYes(_ sides: String, _ aggressor: String, _ isOdd: Bool) throws {
        let session = try Session()
        let lines = try session.receive(trade("A", seq: 1, more: sides)).brief
        #expect(lines.last == "trade instrument=A conn=1 price=0.36 size=2 aggressor_side=\(aggressor) trade_id=t-1")
        #expect(lines.contains { $0.contains("state=drift") } == isOdd)
    }

    @Test func trade_carriesTheVenuesTime() throws {
        let session = try Session()
        #expect(
            try session.receive(trade("A", seq: 1, more: #","taker_side":"yes","ts":1790363592,"ts_ms":1790363592101"#)).brief[0].contains(
                "venue_us=1790363592101000"))
        #expect(
            try session.receive(trade("A", seq: 2, more: #","taker_side":"yes","ts":1790363592"#)).brief[0].contains(
                "venue_us=1790363592000000"))
    }

    @Test(arguments: [
        (trade("A", seq: 2, yes: "0.3600", no: "0.6300"), "malformed_trade"),
        (trade("A", seq: 2, yes: "0.3612345", no: "0.6387655"), "malformed_trade"),
        (trade("A", seq: 2, more: #","count_fp":"0.00""#), "malformed_trade"),
        (trade("A", seq: 2, more: #","count_fp":"-1.00""#), "malformed_trade"),
        (
            #"{"type":"trade","sid":2,"seq":2,"msg":{"trade_id":"x","market_ticker":"A","yes_price":27,"no_price":73,"count":7,"taker_side":"yes"}}"#,
            "retired_shape"
        ),
        (
            #"{"type":"trade","sid":2,"seq":2,"msg":{"trade_id":"x","market_ticker":"A","yes_price_dollars":"0.2700","no_price_dollars":"0.7300","count":7}}"#,
            "retired_shape"
        ),
        (
            #"{"type":"trade","sid":2,"seq":2,"msg":{"trade_id":"x","market_ticker":"A","yes_price_dollars":"0.27","no_price_dollars":"0.73"}}"#,
            "malformed_trade"
        ),
        (#"{"type":"trade","sid":2,"seq":2}"#, "malformed_trade"),
    ])
    func tradeThatCannotBeRead_isALossThatTouchesNoBook(_ frame: String, _ counter: String) throws {
        let session = try Session()
        try session.receive(snapshot("A", seq: 1))
        try session.receive(trade("A", seq: 1))
        let lines = try session.receive(frame).brief
        #expect(!lines.contains { $0.hasPrefix("trade ") })
        #expect(lines.contains { $0.contains("state=gap") && $0.hasSuffix("instruments=[]") }, "\(lines)")
        #expect(session["skipped_\(counter)"] == 1)
        #expect(try session.receive(delta("A", seq: 2, "yes", "0.3000", "1.00")).brief.count == 1)
    }

    @Test func subCentPricesAndFractionalCounts_areExact() throws {
        // §7.17
        let session = try Session()
        let lines = try session.receive(
            trade("KXBTCD-26SEP2516-T83399.99", seq: 1, yes: "0.0001", no: "0.9999", more: #","count_fp":"0.01","taker_side":"yes""#)
        ).brief
        #expect(lines == ["trade instrument=KXBTCD-26SEP2516-T83399.99 conn=1 price=0.0001 size=0.01 aggressor_side=buy trade_id=t-1"])
    }

    // MARK: Tickers

    private static let ticker = """
        "market_ticker":"A","price_dollars":"0.4800","yes_bid_dollars":"0.4500","yes_ask_dollars":"0.5300","volume_fp":"33896.00",\
        "open_interest_fp":"20422.00","dollar_volume":16948,"dollar_open_interest":10211,"yes_bid_size_fp":"300.00",\
        "yes_ask_size_fp":"150.00","last_trade_size_fp":"25.00","ts":1669149841,"ts_ms":1669149841000,"time":"2022-11-22T20:44:01.5Z"
        """

    private func ticker(_ message: String, _ session: Session) throws -> [String] {
        try session.receive("{\"type\":\"ticker\",\"sid\":3,\"msg\":{\(message)}}").brief
    }

    @Test func ticker_isShownOnlyIfAskedFor() throws {
        let quiet = try Session()
        #expect(try ticker(KalshiMapperTests.ticker, quiet) == [])
        #expect(quiet["unwanted_ticker"] == 1)
        let session = try Session(["--channels", "ticker"])
        #expect(
            try ticker(KalshiMapperTests.ticker, session) == [
                "ticker instrument=A conn=1 venue_us=1669149841500000 last_price=0.48 volume=33896 open_interest=20422 bid=[0.45,300] ask=[0.53,150]"
            ])
    }

    @Test func sideOfATicker_isThereOnlyIfItsSizeIsNotZero() throws {
        let session = try Session(["--channels", "ticker"])
        let bare = KalshiMapperTests.ticker.replacing([
            ("\"300.00\"", "\"0.00\""), ("\"150.00\"", "\"0.00\""), ("0.4500", "0.0000"), ("0.5300", "1.0000"),
        ])
        #expect(try ticker(bare, session)[0].hasSuffix("bid=null ask=null"))
    }

    @Test(arguments: ["\"\"", "\"0.0000\""])
    func marketThatWasNeverTraded_hasNoLastPrice(_ price: String) throws {
        let session = try Session(["--channels", "ticker"])
        #expect(try !ticker(KalshiMapperTests.ticker.replacing([("\"0.4800\"", price)]), session)[0].contains("last_price"))
    }

    @Test(arguments: [
        "volume_fp", "open_interest_fp", "yes_bid_size_fp", "yes_ask_size_fp", "price_dollars", "yes_bid_dollars", "yes_ask_dollars",
        "market_ticker",
    ])
    func tickerWithoutAField_isRefused(_ field: String) throws {
        let session = try Session(["--channels", "ticker"])
        let lines = try ticker(KalshiMapperTests.ticker.replacing([("\"\(field)\":", "\"other\":")]), session)
        #expect(!lines.contains { $0.hasPrefix("ticker ") })
        #expect(session["skipped_malformed_ticker"] == 1)
    }

    @Test func tickerOfIntegerFields_isARetiredShape() throws {
        let session = try Session(["--channels", "ticker"])
        let old =
            #""market_ticker":"A","price":12,"yes_bid":11,"yes_ask":12,"price_dollars":"0.1200","yes_bid_dollars":"0.1100","yes_ask_dollars":"0.1200","volume":351970,"open_interest":182646,"ts":1732579880,"Clock":6598272994"#
        #expect(try ticker(old, session) == ["feed_status conn=1 state=drift reason=a retired form of ticker, with volume instruments=[]"])
        #expect(session["skipped_retired_shape"] == 1)
    }

    // MARK: What is none of ours

    @Test(arguments: [
        "fill", "market_position", "user_order", "order_group_updates", "rfq_created", "rfq_deleted", "quote_created", "quote_accepted",
        "quote_executed", "cfbenchmarks_value", "cfbenchmarks_value_5hz", "pyth_value",
    ])
    func knownTypeThatIsNotMapped_isCountedByItsName(_ type: String) throws {
        let session = try Session()
        #expect(try session.receive("{\"type\":\"\(type)\",\"sid\":15,\"seq\":1,\"msg\":{\"x\":\"{\\\"y\\\":1}\"}}").brief == [])
        #expect(session["unmapped_\(type)"] == 1)
    }

    @Test func unknownType_isToldOnce_andKept() throws {
        // §7.18
        let session = try Session(rejects: true)
        let frame = #"{"type":"some_future_type","sid":9,"msg":{"x":1}}"#
        #expect(try session.receive(frame).brief == ["feed_status conn=1 state=drift reason=message type some_future_type instruments=[]"])
        #expect(try session.receive(frame).brief == [])
        #expect(session["unknown_type"] == 2)
        #expect(session.rejects().count == 2)
    }

    @Test func foreignNamesOfAnyLength_areCutInReasons() throws {
        let session = try Session()
        let line = try session.receive("{\"type\":\"\(String(repeating: "x", count: 100_000))\",\"msg\":1}").brief
        #expect(line == ["feed_status conn=1 state=drift reason=message type \(String(repeating: "x", count: 64))… instruments=[]"])
    }

    @Test func perpsMessages_areRefused() throws {
        // §7.20: the margin product speaks another wire.
        let session = try Session()
        let lines = try session.receive(
            #"{"type":"orderbook_snapshot","sid":77,"seq":1,"msg":{"market_ticker":"KXPERP-BTC","bids":[["84000.5","1.2"]],"asks":[["84001.0","0.3"]]}}"#
        ).brief
        #expect(!lines.contains { $0.hasPrefix("book_") || $0.contains("state=gap") })
        #expect(session["skipped_malformed_orderbook_snapshot"] == 1)
    }

    // MARK: Lifecycle

    @discardableResult
    private func life(_ message: String, _ session: Session, seq: Int = 1) throws -> [String] {
        try session.receive("{\"type\":\"market_lifecycle_v2\",\"sid\":4,\"seq\":\(seq),\"msg\":{\"market_ticker\":\"E-X-1\",\(message)}}")
    }

    private static let created = """
        "event_type":"created","exchange_index":0,"open_ts":1694635200,"close_ts":1694721600,"additional_metadata":{"name":"n","title":"t",\
        "yes_sub_title":"y","no_sub_title":"n","rules_primary":"r","rules_secondary":"","can_close_early":true,"event_ticker":"E-X",\
        "expected_expiration_ts":1694721600,"strike_type":"greater","floor_strike":83950.62},"price_level_structure":"linear_cent",\
        "price_ranges":[{"start":"0.0000","end":"1.0000","step":"0.0100"}]
        """

    @Test func createdMarket_isTold_withItsFacts() throws {
        let session = try Session()
        let lines = try life(KalshiMapperTests.created, session)
        #expect(
            lines.instruments == [
                """
                instrument instrument=E-X-1 outcome=Yes question=t (y) event=E-X state=unopened tick_size=0.01 \
                price_ranges=[{"start":0,"end":1,"step":0.01}] open_us=1694635200000000 close_us=1694721600000000
                """
            ])
        #expect(lines.brief == ["market_status instrument=E-X-1 conn=1 state=unopened"])
    }

    @Test(arguments: [
        (#""event_type":"activated""#, "open"), (#""event_type":"deactivated","is_deactivated":true"#, "paused"),
        (#""event_type":"deactivated","is_deactivated":false"#, "open"), (#""event_type":"deactivated""#, "paused"),
        (#""event_type":"settled","settled_ts":1694725200"#, "settled"),
    ])
    func changeOfState_isTold(_ message: String, _ state: String) throws {
        let session = try Session()
        let lines = try life(message, session)
        #expect(lines.brief.count == 1 && lines.brief[0].hasSuffix("state=\(state)"))
        #expect(lines.instruments == ["instrument instrument=E-X-1 outcome=Yes state=\(state)"])
    }

    @Test func changeOfFacts_isAnInstrumentLine() throws {
        let session = try Session()
        try life(KalshiMapperTests.created, session)
        let closes = try life(#""event_type":"close_date_updated","close_ts":1694725200"#, session, seq: 2)
        #expect(closes.count == 1 && closes.instruments[0].hasSuffix("close_us=1694725200000000"))
        let ranges = try life(
            #""event_type":"price_level_structure_updated","price_level_structure":"x","price_ranges":[{"start":"0.9","end":"1","step":"0.001"},{"start":"0","end":"0.9","step":"0.01"}]"#,
            session, seq: 3)
        #expect(
            ranges.instruments[0].contains(
                #"state=unopened price_ranges=[{"start":0,"end":0.9,"step":0.01},{"start":0.9,"end":1,"step":0.001}]"#))
        let renamed = try life(#""event_type":"metadata_updated","floor_strike":4490,"yes_sub_title":"new""#, session, seq: 4)
        #expect(renamed.count == 1 && renamed.instruments[0].contains(" question=t (new) "))
        // What the title says already is not said twice.
        let known = try life(#""event_type":"metadata_updated","yes_sub_title":"T""#, session, seq: 5)
        #expect(known.count == 1 && known.instruments[0].contains(" question=t event"))
        #expect(try life(#""event_type":"metadata_updated","custom_strike":{"key":"value"}"#, session, seq: 6) == [])
    }

    @Test(arguments: [
        (#""result":"yes","settlement_value":"1.0000""#, "settlement_price=1 outcome_won=true"),
        (#""result":"no","settlement_value":"0.0000""#, "settlement_price=0 outcome_won=false"),
        (#""result":"no""#, "settlement_price=0 outcome_won=false"),
        (#""result":"yes""#, "settlement_price=1 outcome_won=true"),
        (#""result":"scalar","settlement_value":"0.5000""#, "settlement_price=0.5"),
        (#""result":"scalar","settlement_value":0.5"#, "settlement_price=0.5"),
    ])
    func determinedMarket_isResolved(_ message: String, _ expected: String) throws {
        // §7.17: settlement_value is a string, and once broke a whole client.
        let session = try Session()
        let lines = try life(#""event_type":"determined","determination_ts":1694721600,"# + message, session).brief
        #expect(
            lines == [
                "market_status instrument=E-X-1 conn=1 venue_us=1694721600000000 state=determined",
                "resolution instrument=E-X-1 conn=1 venue_us=1694721600000000 \(expected)",
            ])
    }

    @Test(arguments: [
        #""result":"yes","settlement_value":"0.0000""#, #""result":"scalar""#, #""result":"scalar","settlement_value":"1.5000""#,
        #""settlement_value":"1.0000""#, #""result":"no","settlement_value":"nothing""#,
    ])
    func resultBeyondBelief_isNotTold(_ message: String) throws {
        let session = try Session()
        let lines = try life(#""event_type":"determined","# + message, session).brief
        #expect(lines.count == 1 && lines[0].contains("state=gap reason=malformed market_lifecycle_v2"), "\(lines)")
        #expect(session["skipped_malformed_market_lifecycle_v2"] == 1)
    }

    @Test func unknownResult_isDetermined_andNotResolved() throws {
        let session = try Session()
        let lines = try life(#""event_type":"determined","result":"void""#, session).brief
        #expect(
            lines == [
                "feed_status conn=1 state=drift reason=result void of a determined market instruments=[]",
                "market_status instrument=E-X-1 conn=1 state=determined",
            ])
    }

    @Test func unknownEventType_isDrift() throws {
        let session = try Session()
        #expect(
            try life(#""event_type":"exploded""#, session).brief == [
                "feed_status conn=1 state=drift reason=event_type exploded of market_lifecycle_v2 instruments=[]"
            ])
        #expect(session["unknown_event_type"] == 1)
    }

    @Test func lifecycleThatIsNotShown_stillTeaches() throws {
        let session = try Session(["--channels", "book"])
        #expect(try life(KalshiMapperTests.created, session) == [])
        #expect(try session.receive(snapshot("E-X-1", seq: 1)).instruments[0].contains("question=t (y) event=E-X"))
        #expect(try life(#""event_type":"settled""#, session, seq: 2).instruments[0].contains("state=settled"))
    }

    @Test func multivariateLifecycle_isTheSame() throws {
        let session = try Session()
        try session.open()
        try session.receive(subscribed("multivariate_market_lifecycle", sid: 4))
        #expect(try life(#""event_type":"activated""#, session).brief == ["market_status instrument=E-X-1 conn=1 state=open"])
    }

    // MARK: Fees

    @Test func fee_isOfTheSeries_untilTheEventHasItsOwn() throws {
        let session = try Session()
        try session.answer("/series/E", #"{"series":{"ticker":"E","fee_type":"quadratic_with_maker_fees","fee_multiplier":0.5}}"#)
        let first = try life(KalshiMapperTests.created, session).instruments
        #expect(first[0].hasSuffix(#"fee={"model":"quadratic","taker_rate":0.07,"maker_rate":0.0175,"exponent":1,"multiplier":0.5}"#))
        func fee(_ type: String, _ multiplier: String) throws -> [String] {
            try session.receive(
                "{\"type\":\"event_fee_update\",\"sid\":4,\"msg\":{\"event_ticker\":\"E-X\",\"fee_type_override\":\(type),\"fee_multiplier_override\":\(multiplier)}}"
            ).instruments
        }
        #expect(
            try fee("null", "2")[0].hasSuffix(
                #"fee={"model":"quadratic","taker_rate":0.07,"maker_rate":0.0175,"exponent":1,"multiplier":2}"#))
        #expect(try fee("\"quadratic_with_combo_maker_fees\"", "1")[0].hasSuffix(#""maker_rate":0.035,"exponent":1,"multiplier":1}"#))
        #expect(try fee("\"flat\"", "1")[0].hasSuffix(#"fee={"model":"unknown"}"#))
        #expect(try fee("null", "null") == first.map { $0 })
        #expect(session["event_fee_update"] == 4)
    }

    @Test func feeThatNobodyTold_isNotThere_andOneThatWasTakenBackIsUnknown() throws {
        let session = try Session()
        #expect(try !life(KalshiMapperTests.created, session).instruments[0].contains("fee="))
        let back =
            #"{"type":"event_fee_update","sid":4,"msg":{"event_ticker":"E-X","fee_type_override":null,"fee_multiplier_override":null}}"#
        #expect(try session.receive(back).instruments[0].hasSuffix(#"fee={"model":"unknown"}"#))
    }

    @Test func eventLifecycle_tellsTheSeries() throws {
        let session = try Session()
        try session.answer("/series/KXOTHERNAME", #"{"series":{"ticker":"KXOTHERNAME","fee_type":"quadratic","fee_multiplier":1}}"#)
        try life(KalshiMapperTests.created, session)
        let lines = try session.receive(
            #"{"type":"event_lifecycle","sid":4,"seq":2,"msg":{"event_ticker":"E-X","exchange_index":0,"title":"t","subtitle":"s","collateral_return_type":"MECNET","series_ticker":"KXOTHERNAME"}}"#
        )
        #expect(lines.instruments[0].contains(#"fee={"model":"quadratic","taker_rate":0.07,"maker_rate":0,"#))
        #expect(session["event_lifecycle"] == 1)
    }
}

extension String {
    /// The text with each first part replaced by the second.
    func replacing(_ pairs: [(String, String)]) -> String {
        var text = self
        for (old, new) in pairs {
            guard let range = text.ranges(of: old).first else { continue }
            text.replaceSubrange(range, with: new)
        }
        return text
    }
}

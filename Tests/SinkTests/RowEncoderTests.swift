import MarketModel
import Testing

@testable import mkt_sink

@Suite struct RowEncoderTests {
    @Test func aRowHasOneCellForEachColumn() throws {
        let lines: [EventKind: String] = [
            .instrument: Lines.event("instrument", #""outcome":"Yes""#),
            .bookSnapshot: Lines.event("book_snapshot", #""seq":1,"bids":[],"asks":[],"reason":"initial""#),
            .bookDelta: Lines.delta(),
            .quote: Lines.event("quote", #""bid":null,"ask":null"#),
            .trade: Lines.trade(),
            .marketStatus: Lines.event("market_status", #""state":"open""#),
            .resolution: Lines.event("resolution", #""outcome_won":true"#),
            .ticker: Lines.event("ticker", #""volume":1"#),
            .feedStatus: Lines.event("feed_status", #""state":"live""#),
            .stageStatus: Lines.event("stage_status", #""stage":"mkt-merge","state":"heartbeat""#),
            .ownOrder: Lines.event("own_order", #""x":1"#),
            .ownFill: Lines.event("own_fill", #""x":1"#),
            .ownPosition: Lines.event("own_position", #""x":1"#),
            .ownAccount: Lines.event("own_account", #""rule":"r""#),
            .decision: Lines.event("decision", #""rule":"r","action":"alert","id":"d","because":[],"rules":"00""#),
        ]
        for kind in EventKind.allCases {
            let table = EventTable.all[Int(kind.rawValue)]
            #expect(table.kind == kind)
            #expect(try Lines.payload(lines[kind]!).count == table.columns.count, "\(table.name)")
        }
    }

    @Test func decimalsAreWholeMillionths_andTextsAreMeant() throws {
        let line = Lines.trade(#","trade_id":"a\u0062\n","tx":"""#, price: "\"4.80e-1\"")
        #expect(try Lines.payload(line) == ["480000", "3000000", "buy", "ab\n", ""])
    }

    @Test func levelsAreRespelled_inTheOrderOfTheLine() throws {
        #expect(try Lines.payload(Lines.delta(bids: #"[ ["0.50", 3.0], [4e-1,1e2] ]"#)) == ["[[0.5,3],[0.4,100]]", "[]", nil])
    }

    @Test(arguments: [
        (#""bid":[0.4,5],"ask":[0.6,null]"#, ["400000", "5000000", "600000", nil]),
        (#""bid":null,"ask":["0.6","1"]"#, [nil, "0", "600000", "1000000"]),
    ])
    func aQuoteTellsNobody_fromNoSize(rest: String, expected: [String?]) throws {
        #expect(try Lines.payload(Lines.event("quote", rest)) == expected)
    }

    @Test func aTickerTellsNobody_fromNotTold() throws {
        #expect(try Lines.payload(Lines.event("ticker", #""bid":null"#)) == [nil, nil, nil, nil, "0", nil, nil])
    }

    @Test func anOwnPayload_isWhatIsNotOfTheEnvelope() throws {
        let line = Lines.event("own_order", #""z":1.50,"label":"l","a":{"c":1,"b":2},"z":2"#)
        #expect(try Lines.payload(line) == [#"{"a":{"b":2,"c":1},"z":2}"#])
    }

    @Test func anAccount_isItsRuleAndItsMillionths() throws {
        let line = Lines.event("own_account", #""rule":"r[a=1]","realized_pnl":-1.5,"fees_paid":0.2,"pnl":3,"positions":2"#)
        #expect(try Lines.payload(line) == ["r[a=1]", "-1500000", "200000", nil, "3000000", "2"])
    }

    @Test(arguments: [
        (Lines.trade(price: "1.000001"), EventError.outOfRange(.price)),
        (Lines.trade(price: "0.0000001"), .outOfRange(.price)),
        (Lines.trade(price: "true"), .wrongValue(.price)),
        (Lines.trade(price: "null"), .missing(.price)),
        (Lines.trade(conn: #","conn":0"#), .outOfRange(.conn)),
        (Lines.trade(conn: #","conn":9223372036854775808"#), .wrongValue(.conn)),
        (Lines.trade(#","aggressor_side":"BUY""#), .wrongValue(.aggressorSide)),
        (Lines.trade(#","trade_id":7"#), .wrongValue(.tradeID)),
        (Lines.trade(#","size":-1"#), .outOfRange(.size)),
        (Lines.trade(#","size":9223372036854.775808"#), .outOfRange(.size)),
        (Lines.event("quote", #""bid":[0.4,1]"#), .missing(.ask)),
        (Lines.event("quote", #""bid":[0.4],"ask":null"#), .wrongValue(.bid)),
        (Lines.event("quote", #""bid":[0.4,1,2],"ask":null"#), .wrongValue(.bid)),
        (Lines.event("quote", #""bid":[1.4,1],"ask":null"#), .outOfRange(.bid)),
        (Lines.event("quote", #""bid":{},"ask":null"#), .wrongValue(.bid)),
        (Lines.event("instrument", #""fee":[]"#), .wrongValue(.fee)),
        (Lines.event("instrument", #""fee":{"taker_rate":0.00000001}"#), .outOfRange(.fee)),
        (Lines.event("resolution", #""label":"x""#), .missing(.settlementPrice)),
        (Lines.event("decision", #""rule":"r","action":"alert","id":"d","rules":"00""#), .missing(.because)),
        (Lines.event("book_snapshot", #""seq":1,"bids":[],"asks":[]"#), .missing(.reason)),
        (Lines.event("own_account", #""pnl":1"#), .missing(.rule)),
        (Lines.event("own_account", #""rule":"r","pnl":0.0000001"#), .outOfRange(.pnl)),
        (Lines.event("feed_status", #""state":"live","since_us":1.5"#), .wrongValue(.sinceUs)),
    ])
    func aLineThatBreaksTheContract_isRefused(line: String, fault: EventError) {
        #expect(throws: fault) { try Lines.cells([line]) }
    }
}

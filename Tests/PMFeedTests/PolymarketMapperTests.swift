import MarketModel
import Testing

@testable import pm_feed

@Suite struct PolymarketMapperTests {
    private func opened(_ arguments: [String] = ["--verify", "off"], _ books: [WireBook] = [WireBook()]) throws -> Session {
        let session = try Session(arguments)
        try session.open()
        if !books.isEmpty { try session.receive("[\(books.map { $0.frame(venueMillis) }.joined(separator: ","))]\n") }
        return session
    }

    // MARK: book

    @Test func levelsInAnyOrder_giveTheSameSnapshot() throws {
        let wire = WireBook()
        var shuffled = wire
        shuffled.bids = [wire.bids[1], wire.bids[2], wire.bids[0]]
        shuffled.asks = wire.asks.reversed()
        let expected = try opened([], []).receive(wire.frame(venueMillis))
        #expect(try opened([], []).receive(shuffled.frame(venueMillis, hash: wire.hash(venueMillis))) == expected)
        #expect(expected.brief.first?.hasSuffix("verified=true") == true)
    }

    @Test func emptyBook_isAFact() throws {
        var wire = WireBook()
        (wire.bids, wire.asks, wire.last) = ([], [], "")
        let line = try opened(["--verify", "all"], []).receive(wire.frame(venueMillis)).brief.first
        #expect(line == "book_snapshot 74866639 seq=1 venue_us=1789999999000000 bids=[] asks=[] reason=\"initial\" verified=true")
    }

    @Test func secondBook_isARefresh_andAfterAGapAResync() throws {
        let session = try opened()
        #expect(try session.receive(WireBook().frame(venueMillis + 1)).brief.first?.contains("seq=2") == true)
        try session.receive(WireBook().message([#"{"asset_id":"\#(WireBook().asset)"}"#], venueMillis + 2))
        #expect(session.knownBook(WireBook().asset) == nil)
        let lines = try session.receive(WireBook().frame(venueMillis + 3)).brief
        #expect(lines[line: 0].contains("seq=3") && lines[line: 0].hasSuffix("reason=\"resync\""))
        #expect(lines[line: 1].hasPrefix("feed_status state=\"live\" instruments=[\"74866"))
    }

    @Test func bookWithoutEventType_isABook() throws {
        let session = try opened([], [])
        let frame = WireBook().frame(venueMillis).replacing("\"event_type\":\"book\",", with: "")
        #expect(!frame.contains("event_type"))
        #expect(try session.receive(frame).brief.first?.hasSuffix("reason=\"initial\" verified=true") == true)
    }

    @Test func priceTwiceOnASide_isRefusedAndTheOldBookStays() throws {
        let session = try opened()
        var twice = WireBook()
        twice.bids.append(("0.60", "1"))
        #expect(try session.receive(twice.frame(venueMillis + 1)).isEmpty)
        #expect(session["skipped_price_twice"] == 1)
        #expect(session.knownBook(twice.asset)?.bestBid == Level(600_000, 30_000_000))
    }

    // MARK: price_change

    @Test func levelIsAbsolute_andZeroTakesItAway() throws {
        var wire = WireBook()
        let session = try opened()
        #expect(
            try session.receive(wire.change("BUY", "0.6", "1.5", venueMillis + 1)).brief == [
                "book_delta 74866639 seq=2 venue_us=1789999999001000 bids=[[0.6,1.5]] asks=[]"
            ])
        #expect(
            try session.receive(wire.change("SELL", "0.7", "0", venueMillis + 2)).brief == [
                "book_delta 74866639 seq=3 venue_us=1789999999002000 bids=[] asks=[[0.7,0]]"
            ])
        // A level that was not there goes away: a fact too.
        #expect(
            try session.receive(wire.change("SELL", "0.75", "0", venueMillis + 3)).brief == [
                "book_delta 74866639 seq=4 venue_us=1789999999003000 bids=[] asks=[[0.75,0]]"
            ])
        #expect(session.knownBook(wire.asset)?.bestAsk == Level(800_000, 50_000_000))
    }

    @Test func manyEntriesOfOneToken_areOneLineBestFirst_theLastOfAPriceCounts() throws {
        var wire = WireBook()
        for (side, price, size) in [("BUY", "0.41", "1"), ("BUY", "0.61", "4"), ("SELL", "0.95", "1"), ("SELL", "0.69", "2")] {
            wire.set(side, price, size)
        }
        let session = try opened(["--verify", "all"])
        let millis = venueMillis + 1
        let entries = [
            wire.entry("BUY", "0.41", "1", millis), wire.entry("BUY", "0.61", "3", millis), wire.entry("SELL", "0.95", "1", millis),
            wire.entry("BUY", "0.61", "4", millis), wire.entry("SELL", "0.69", "2", millis),
        ]
        #expect(
            try session.receive(wire.message(entries, millis)).brief == [
                "book_delta 74866639 seq=2 venue_us=1789999999001000 bids=[[0.61,4],[0.41,1]] asks=[[0.69,2],[0.95,1]] verified=true"
            ])
    }

    @Test func twoTokens_areTwoLinesInTheMessagesOrder() throws {
        var (first, second) = (WireBook(), WireBook(asset: "555"))
        let session = try opened(["--verify", "off"], [first, second])
        first.set("BUY", "0.55", "1")
        second.set("SELL", "0.75", "1")
        let message = first.message(
            [second.entry("SELL", "0.75", "1", 7), first.entry("BUY", "0.55", "1", 7), second.entry("SELL", "0.75", "1", 7)],
            venueMillis + 1)
        #expect(try session.receive(message).brief.map { $0.split(separator: " ")[1] } == ["555", "74866639"])
    }

    @Test func changeBeforeItsBook_isCountedAndNotShown() throws {
        var wire = WireBook()
        let session = try opened([], [])
        #expect(try session.receive(wire.change("BUY", "0.6", "1", venueMillis)).isEmpty)
        #expect(session["changes_before_book"] == 1 && session.knownBook(wire.asset) == nil)
    }

    @Test func changeOnAnotherConnection_isNotThisBooks() throws {
        var wire = WireBook()
        let session = try opened()
        try session.open(2)
        let before = session.books
        #expect(try session.receive(wire.change("BUY", "0.6", "1", venueMillis), conn: 2).isEmpty)
        #expect(session.books == before && session["changes_of_other_connection"] == 1)
    }

    @Test func emptyPriceChanges_sayNothing() throws {
        let session = try opened()
        #expect(try session.receive(WireBook().message([], venueMillis)).isEmpty)
        #expect(session.rejects.isEmpty)
    }

    // MARK: Others

    @Test func trade_ofAnUnknownToken_isToldWithItsInstrument() throws {
        let session = try opened([], [])
        let lines = try session.receive(WireBook().trade("0.61", "5", "BUY", venueMillis, tx: ""))
        #expect(
            lines.map(\.brief) == [
                "instrument 74866639", "trade 74866639 venue_us=1789999999000000 price=0.61 size=5 aggressor_side=\"buy\"",
            ])
    }

    @Test func samePrintOfATransactionTwice_isToldOnce_withoutATransactionTwice() throws {
        let session = try opened()
        for count in [1, 0, 0] { #expect(try session.receive(WireBook().trade("0.61", "5", "SELL", venueMillis)).count == count) }
        #expect(try session.receive(WireBook().trade("0.61", "6", "SELL", venueMillis)).count == 1)
        for _ in 0..<2 { #expect(try session.receive(WireBook().trade("0.61", "5", "SELL", venueMillis, tx: "")).count == 1) }
        #expect(session["copies"] == 2)
    }

    @Test(arguments: [("", ""), ("0", "1"), ("0", "0"), ("1", "1"), ("0.0", "1.0")])
    func quoteOfEmptySides_isNull(bid: String, ask: String) throws {
        let frame =
            #"{"market":"m","asset_id":"7","best_bid":"\#(bid)","best_ask":"\#(ask)","spread":"","timestamp":"5","event_type":"best_bid_ask"}"#
        #expect(try opened([], []).receive(frame).brief == ["quote 7 venue_us=5000 bid=null ask=null"])
    }

    @Test func tickSizeChange_isToldOnceAsTheInstrument() throws {
        let session = try opened()
        let frame =
            #"{"market":"m","asset_id":"\#(WireBook().asset)","old_tick_size":"0.01","new_tick_size":"0.001","side":"BUY","timestamp":"5","event_type":"tick_size_change"}"#
        #expect(try session.receive(frame).map(\.brief) == ["instrument 74866639 tick_size=0.001"])
        #expect(try session.receive(frame).isEmpty)
        #expect(session["status_drift"] == 0)
    }

    @Test func complement_isToldAsSoonAsItIsKnown() throws {
        let session = try Session()
        try session.open()
        let (first, second) = (WireBook(), WireBook(asset: "555"))
        #expect(try session.receive(first.frame(venueMillis)).instruments == ["instrument 74866639 tick_size=0.01"])
        #expect(
            try session.receive(second.frame(venueMillis)).instruments == [
                "instrument 74866639 complement=\"555\" tick_size=0.01", "instrument 555 complement=\"\(first.asset)\" tick_size=0.01",
            ])
    }

    @Test func identifiers_ofEveryLengthAreTaken() throws {
        for market in ["0x" + String(repeating: "a", count: 64), "0x" + String(repeating: "b", count: 62), "0xbd31", "m"] {
            for asset in [String(repeating: "9", count: 78), "7", "0"] {
                let lines = try opened([], []).receive(WireBook(market: market, asset: asset).frame(venueMillis))
                #expect(lines.last?.contains("live") == true)
                #expect(lines[line: 1].member("market") == "\"\(market)\"" && lines[line: 1].member("instrument") == "\"\(asset)\"")
                #expect(lines[line: 1].hasSuffix("\"verified\":true}"))
            }
        }
    }

    // MARK: Drift

    @Test func unknownType_isDriftOnceAndCounted() throws {
        let session = try opened()
        let frame = #"{"event_type":"sparkle","asset_id":"1","market":"m","timestamp":"5"}"#
        #expect(try session.receive(frame).brief == ["feed_status state=\"drift\" reason=\"unknown message type sparkle\" instruments=[]"])
        for _ in 0..<5 { #expect(try session.receive(frame).isEmpty) }
        #expect(session["unknown_type"] == 6 && session["skipped_unknown_type"] == 0)
        #expect(session.rejects.count == 6 && session.rejects[line: 0].contains("\"reason\":\"an unknown message type\""))
    }

    @Test func unknownFields_areDriftOnceEach_onEveryLevelOfTheMessage() throws {
        var wire = WireBook()
        let session = try opened()
        let odd = { (text: String) in
            text.replacing("\"side\"", with: "\"fresh\":1, \"side\"").replacing(
                "\"timestamp\"", with: "\"seq\":5,\"more\":{},\"timestamp\"")
        }
        let lines = try session.receive(odd(wire.change("BUY", "0.6", "1", venueMillis + 1))).brief
        #expect(
            lines.map { $0.prefix(40) } == Array(repeating: "feed_status state=\"drift\" reason=\"unknow", count: 3) + [
                "book_delta 74866639 seq=2 venue_us=17899"
            ])
        #expect(
            Set(lines.prefix(3))
                == Set(
                    ["fresh", "seq", "more"].map {
                        "feed_status state=\"drift\" reason=\"unknown field price_change.\($0)\" instruments=[]"
                    }))
        #expect(try session.receive(odd(wire.change("BUY", "0.6", "2", venueMillis + 2))).brief.count == 1)
        let book = wire.frame(venueMillis + 3, hash: "").replacing("{\"price\":\"0.4\"", with: "{\"orders\":2,\"price\":\"0.4\"")
        #expect(try session.receive(book).brief.first == "feed_status state=\"drift\" reason=\"unknown field book.orders\" instruments=[]")
    }

    @Test func endlessFieldNames_areBounded() throws {
        let session = try opened()
        for number in 0..<1500 { try session.receive(#"{"event_type":"book","x\#(number)":1}"#) }
        #expect(session["status_drift"] == 1000)
        let long = String(repeating: "y", count: 5_000_000)
        #expect(try Session().receive("{\"\(long)\":1,\"event_type\":\"\(long)\"}").allSatisfy { $0.utf8.count < 1000 })
    }
}

import MarketModel
import Testing

@testable import pm_feed

/// What users of other clients complain about (dossier §6), as far as a replay can show it; the number is the complaint's.
///
/// Complaints 2, 4, 5, 6 and 20 need a live session; `docs/venues/polymarket.md` lists them.
@Suite struct PolymarketComplaintTests {
    private static let wrongHash = String(repeating: "0", count: 40)

    private func opened(_ arguments: [String] = ["--verify", "all"], _ books: [WireBook] = [WireBook()]) throws -> Session {
        let session = try Session(arguments)
        try session.open()
        if !books.isEmpty { try session.receive("[\(books.map { $0.frame(venueMillis) }.joined(separator: ","))]\n") }
        return session
    }

    @Test func complaint1_dataFrozenWhilePongsGoOn_isStale() throws {
        let session = try opened()
        var lines: [String] = []
        for _ in 0..<4 { lines += try session.receive("PONG", after: 10_000_000).brief }
        #expect(lines == ["feed_status state=\"stale\" reason=\"no data\" since_us=1790000000002000"])
        #expect(session.books.isEmpty)
    }

    @Test func complaint3_deltasWithoutBooks_areCounted_andTheBooksThatCameAreTold() throws {
        let session = try opened([], [])
        try session.send(#"{"assets_ids":["9000","9001","9002"],"type":"market"}"#)
        try session.receive(WireBook.other(0).frame(venueMillis))
        var omitted = WireBook.other(1)
        for millis in 1...3 {
            #expect(try session.receive(omitted.change("BUY", "0.41", "\(millis)", venueMillis + Int64(millis))).isEmpty)
        }
        #expect(session["changes_before_book"] == 3)
        #expect(try session.wait(micros: 10_000_000).brief == ["feed_status state=\"live\" reason=\"books 1 of 3\""])
    }

    @Test func complaint7_controlFrames_neverCrash() throws {
        let session = try opened()
        let before = session.books
        for text in ["INVALID OPERATION", "PONG", "NO NEW ASSETS"] { #expect(try session.receive(text).isEmpty) }
        #expect(session.books == before)
    }

    @Test func complaint8_changedLevelIsNotTheTop_andARemovalIsNoPrice() throws {
        let session = try opened(["--quotes", "--verify", "off"])
        var wire = WireBook()
        #expect(try session.receive(wire.change("BUY", "0.41", "5", venueMillis + 1)).brief.map { $0.prefix(10) } == ["book_delta"])
        #expect(try session.receive(wire.change("SELL", "0.8", "0", venueMillis + 2)).brief.map { $0.prefix(10) } == ["book_delta"])
        #expect(
            try session.receive(wire.change("SELL", "0.7", "0", venueMillis + 3)).brief.last
                == "quote 74866639 venue_us=1789999999003000 bid=[0.6,30] ask=[0.9,40]")
    }

    @Test func complaint9_crossedForAMoment_isTheVenuesWord_forLongIsAGap() throws {
        let session = try opened(["--verify", "off"])
        var wire = WireBook()
        for (millis, price, size) in [(1, "0.71", "9"), (1, "0.71", "0")] {
            #expect(try session.receive(wire.change("BUY", price, size, venueMillis + Int64(millis))).count == 1)
        }
        #expect(session["gaps"] == 0 && session["best_price_disagreements"] == 0)
        // A removal that we missed: the venue's top is not ours.
        try session.receive(wire.change("BUY", "0.75", "9", venueMillis + 2))
        #expect(session.knownBook(wire.asset)?.isCrossed == true)
        wire.set("BUY", "0.75", "0")
        try session.receive(wire.change("BUY", "0.41", "1", venueMillis + 3))
        #expect(session["gaps"] == 0)
        try session.wait(micros: 2_000_001)
        #expect(session["gaps"] == 1 && session.knownBook(wire.asset) == nil)
    }

    @Test func complaint10_finerTickMidStream_keepsLevelsExact_beforeAndAfterItIsTold() throws {
        let session = try opened()
        var wire = WireBook()
        wire.tick = "0.001"
        #expect(
            try session.receive(wire.change("BUY", "0.6123", "1.000001", venueMillis + 1)).brief == [
                "book_delta 74866639 seq=2 venue_us=1789999999001000 bids=[[0.6123,1.000001]] asks=[] verified=true"
            ])
        let told =
            #"{"event_type":"tick_size_change","asset_id":"\#(wire.asset)","market":"\#(wire.market)","old_tick_size":"0.01","new_tick_size":"0.001","timestamp":"5"}"#
        #expect(try session.receive(told).instruments == ["instrument 74866639 tick_size=0.001"])
        #expect(try session.receive(wire.change("BUY", "0.6123", "2", venueMillis + 2)).brief[line: 0].hasSuffix("verified=true"))
        #expect(session["hash_disagreements"] == 0)
    }

    @Test func complaint11_hashThatKnowsATradeBeforeItsPrint_isNoAlarm() throws {
        let session = try opened()
        var wire = WireBook()
        wire.last = "0.700"
        #expect(try session.receive(wire.change("SELL", "0.7", "10", venueMillis + 1)).brief[line: 0].hasSuffix("verified=true"))
        try session.receive(wire.trade("0.7", "50", "BUY", venueMillis + 1))
        // A second trade whose price is nowhere near: its print comes 300 ms late.
        wire.last = "0.333"
        #expect(try session.receive(wire.change("BUY", "0.41", "1", venueMillis + 2)).brief[line: 0].hasSuffix("asks=[]"))
        try session.receive(wire.trade("0.333", "5", "SELL", venueMillis + 2), after: 300_000)
        #expect(try session.receive(wire.change("BUY", "0.41", "2", venueMillis + 3)).brief[line: 0].hasSuffix("verified=true"))
        // The print of the complement tells it too.
        let mirror = WireBook(asset: "555")
        try session.receive(mirror.frame(venueMillis))
        try session.receive(mirror.trade("0.889", "5", "SELL", venueMillis + 4))
        wire.last = "0.111"
        #expect(try session.receive(wire.change("BUY", "0.41", "3", venueMillis + 5)).brief[line: 0].hasSuffix("verified=true"))
        #expect(session["gaps"] == 0)
    }

    @Test func complaint12_bookThatCannotBeResyncedLive_isBufferedAndReplayedOverREST() throws {
        let session = try opened(["--verify", "off"])
        var wire = WireBook()
        try session.receive(wire.message([#"{"asset_id":"\#(wire.asset)"}"#], venueMillis + 1))
        let answer = wire
        try session.receive(wire.change("BUY", "0.41", "4", venueMillis + 3))
        #expect(try session.answer(answer.rest(venueMillis + 2)).brief[line: 0].contains("bids=[[0.6,30],[0.5,20],[0.41,4],[0.4,10]]"))
    }

    @Test func complaint13_newMarketWithOddTypes_isNotDropped_resolutionByRESTIsTaken() throws {
        let session = try opened([], [])
        let frame =
            #"{"id":"7","question":"Q","market":"m","slug":"s","clob_token_ids":["1"],"outcomes":["Yes"],"game_start_time":{"odd":[1]},"line":5,"tags":null,"timestamp":"5","event_type":"new_market"}"#
        #expect(try session.receive(frame).count == 1)
        try session.answer(#"{"conditionId":"m","clobTokenIds":["1"],"closed":true,"active":true,"umaResolutionStatus":"resolved"}"#)
        #expect(try session.receive(WireBook(market: "m", asset: "1").trade("0.5", "1", "BUY", 5)).brief.count == 1)
    }

    @Test func complaint14_everyKindOfMessage_isCounted_alsoUnknownOnes() throws {
        let session = try opened([], [])
        let wire = WireBook()
        var moved = wire
        try session.receive(wire.frame(venueMillis))
        try session.receive(moved.change("BUY", "0.41", "1", venueMillis + 1))
        try session.receive(wire.trade("0.5", "1", "SELL", venueMillis))
        try session.receive(#"{"event_type":"sparkle"}"#)
        for name in ["frames_book", "frames_price_change", "frames_last_trade_price", "unknown_type"] {
            #expect(session[name] == 1, "\(name)")
        }
        #expect(session["frames_in"] == 4 && session["lines_trade"] == 1 && session["lines_book_delta"] == 1)
    }

    @Test func complaint14_sides_areAsTheVenueSays() throws {
        let session = try opened([], [])
        for (side, word) in [("BUY", "buy"), ("SELL", "sell")] {
            #expect(try session.receive(WireBook().trade("0.5", "1", side, venueMillis)).last?.member("aggressor_side") == "\"\(word)\"")
        }
    }

    @Test func complaint15_messagesTwice_leaveTheBookRight() throws {
        let session = try opened()
        var wire = WireBook()
        for millis in 1...5 {
            let frame = wire.change("BUY", "0.4\(millis)", "\(millis)", venueMillis + Int64(millis))
            for _ in 0..<2 { #expect(try session.receive(frame).brief.first?.hasSuffix("verified=true") == true) }
        }
        for _ in 0..<2 { #expect(try session.receive(wire.frame(venueMillis + 6)).brief.first?.hasSuffix("verified=true") == true) }
        #expect(session["gaps"] == 0 && session["hash_disagreements"] == 0)
    }

    @Test func complaint16_ghostBookOverREST_isNotBelieved() throws {
        let session = try opened()
        let wire = WireBook()
        var ghost = wire
        (ghost.bids, ghost.asks) = ([("0.01", "5")], [("0.99", "5")])
        let before = session.books
        try session.answer(ghost.rest(venueMillis + 5))
        #expect(session.books == before)
        try session.receive(wire.message([#"{"asset_id":"\#(wire.asset)"}"#], venueMillis + 6))
        #expect(try session.answer(ghost.rest(venueMillis + 7, hash: wire.hash(venueMillis + 7))).isEmpty)
        #expect(session["rest_book_refuted"] == 1 && session.books.isEmpty)
    }

    @Test func complaint17_emptyStringsAndSentences_areNull_orOneReject() throws {
        let session = try opened([], [])
        let trade = WireBook().trade("0.5", "1", "BUY", venueMillis, tx: "")
        #expect(try session.receive(trade.replacing("\"fee_rate_bps\":\"0\"", with: "\"fee_rate_bps\":\"\"")).last?.member("tx") == nil)
        #expect(try session.receive(trade.replacing("\"BUY\"", with: "\"BUY_order couldn't be fully filled.\"")).isEmpty)
        #expect(session.rejects.count == 1)
        var never = WireBook()
        never.last = ""
        #expect(try session.receive(never.frame(venueMillis)).brief[line: 0].hasSuffix("verified=true"))
    }

    @Test func complaint19_frameThatIsNotUTF8_isSurvived() throws {
        let session = try opened()
        let before = session.books
        for bytes in [[0xC3, 0x28], Array("{\"a\":\"".utf8) + [0xED, 0xA0, 0x80] + Array("\"}".utf8), [0x7B, 0xFF]] as [[UInt8]] {
            #expect(try session.receive(bytes: bytes).isEmpty)
        }
        #expect(session.books == before && session.rejects.count == 3)
        var wire = WireBook()
        #expect(try session.receive(wire.change("BUY", "0.41", "1", venueMillis + 1)).brief[line: 0].hasSuffix("verified=true"))
    }

    @Test func complaint21_formOfThePast_isRefusedLoudly_newFieldsAreTold() throws {
        let session = try opened()
        let old =
            #"{"event_type":"price_change","asset_id":"\#(WireBook().asset)","market":"m","hash":"h","changes":[{"price":"0.5","side":"BUY","size":"1"}],"timestamp":"5"}"#
        #expect(try session.receive(old).brief.first?.contains("state=\"gap\"") == true)
        #expect(session["skipped_retired_shape"] == 1)
        #expect(try session.receive(#"{"event_type":"book","future":1}"#).brief.first?.contains("unknown field book.future") == true)
    }
}

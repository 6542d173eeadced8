import Testing

@testable import kalshi_feed

@Suite struct KalshiAnswersTests {
    private func started(_ tickers: [String] = ["A", "B"]) throws -> Session {
        let session = try Session()
        try session.open()
        try session.send(subscribe(tickers))
        try session.receive(subscribed("orderbook_delta", sid: 1))
        for (index, ticker) in tickers.enumerated() { try session.receive(snapshot(ticker, seq: UInt64(index) + 1)) }
        return session
    }

    // MARK: The end of a subscription (§7.12)

    @Test(arguments: [10, 25, 17])
    func errorThatEndsTheSubscription_makesItsBooksUnknown(_ code: Int) throws {
        let session = try started()
        let since = session.now
        #expect(
            try session.receive("{\"type\":\"error\",\"sid\":1,\"seq\":3,\"msg\":{\"code\":\(code),\"msg\":\"x\"}}").brief
                == ["feed_status conn=1 state=gap reason=subscription ended: code \(code) since_us=\(since)"])
        try session.send(subscribe(["A", "B"], id: 9))
        try session.receive(subscribed("orderbook_delta", sid: 5, id: 9))
        #expect(
            try session.receive(snapshot("A", seq: 1, sid: 5)).brief == [
                "book_snapshot instrument=A conn=1 seq=2 bids=[] asks=[] reason=resync"
            ])
        #expect(try session.receive(snapshot("B", seq: 2, sid: 5)).brief.last == "feed_status conn=1 state=live")
    }

    @Test(arguments: [1, 7, 9, 13, 18, 26, 999])
    func otherErrors_touchNoBook(_ code: Int) throws {
        // §7.9: get_snapshot on the wrong sid is error 13.
        let session = try started()
        #expect(try session.receive("{\"type\":\"error\",\"sid\":1,\"seq\":3,\"msg\":{\"code\":\(code),\"msg\":\"x\"}}").brief == [])
        #expect(try session.receive("{\"type\":\"error\",\"id\":4,\"msg\":{\"code\":\(code),\"msg\":\"x\"}}").brief == [])
        #expect(session["error_\(code)"] == 2)
        #expect(try session.receive(delta("A", seq: 4, "yes", "0.3000", "1.00")).brief.count == 1)
    }

    @Test func endWithoutASid_isMatchedByItsCommand_elseItIsOfTheConnection() throws {
        let session = try started()
        try session.send(subscribe([], id: 3, channels: ["trade"]))
        try session.receive(subscribed("trade", sid: 2, id: 3))
        #expect(
            try session.receive(#"{"type":"error","id":3,"msg":{"code":25}}"#).brief
                == ["feed_status conn=1 state=gap reason=subscription ended: code 25 on trade since_us=\(session.now) instruments=[]"])
        #expect(
            try session.receive(#"{"type":"error","msg":{"code":25}}"#).brief.first?.contains(
                "state=gap reason=subscription ended: code 25 since_us") == true)
    }

    @Test func holeThenEnd_isOneGap() throws {
        let session = try started()
        let lines = try session.receive(#"{"type":"error","sid":1,"seq":9,"msg":{"code":25}}"#).brief
        #expect(lines.count == 1 && lines[0].contains("expected_seq=3 got_seq=9"))
    }

    @Test func unsubscribed_makesTheBooksUnknown_andUsesUpANumber() throws {
        let session = try started()
        #expect(
            try session.receive(#"{"id":102,"sid":1,"seq":3,"type":"unsubscribed"}"#).brief
                == ["feed_status conn=1 state=gap reason=unsubscribed since_us=\(session.now - 1000)"])
    }

    @Test func unsubscribedOfTrades_touchesNothing() throws {
        let session = try started()
        try session.receive(subscribed("trade", sid: 2))
        #expect(try session.receive(#"{"id":102,"sid":2,"seq":7,"type":"unsubscribed"}"#).brief == [])
    }

    @Test func dataBeforeItsAcknowledgement_isKept() throws {
        let session = try Session()
        try session.open()
        try session.send(subscribe(["A"]))
        try session.receive(snapshot("A", seq: 1, yes: [("0.3000", "5.00")], no: [("0.6000", "1.00")]))
        #expect(try session.receive(subscribed("orderbook_delta", sid: 1)).brief == [])
        #expect(
            try session.receive(delta("A", seq: 2, "no", "0.6000", "1.00")).brief == [
                "book_delta instrument=A conn=1 seq=2 bids=[] asks=[[0.4,2]]"
            ])
        #expect(try session.receive(subscribed("orderbook_delta", sid: 1)).brief.first?.contains("subscribed anew") == true)
    }

    @Test func dataBeforeAnAcknowledgementWithYesPrices_losesItsAsks() throws {
        let session = try Session()
        try session.open()
        try session.send(subscribe(["A"], usesYesPrice: true))
        try session.receive(snapshot("A", seq: 1, no: [("0.6000", "1.00")]))
        #expect(try session.receive(subscribed("orderbook_delta", sid: 1)).brief.first?.hasSuffix(#"instruments=["A"]"#) == true)
        #expect(try session.receive(snapshot("A", seq: 2, no: [("0.6000", "1.00")])).brief.first?.contains("asks=[[0.6,1]]") == true)
    }

    // MARK: Lists of markets

    @Test func bookThatAnOkListsNoMore_isUnknown() throws {
        let session = try started()
        #expect(
            try session.receive(#"{"type":"ok","id":2,"sid":1,"seq":3,"msg":{"market_tickers":["B","C"]}}"#).brief
                == [#"feed_status conn=1 state=gap reason=unsubscribed since_us=\#(session.now - 1000) instruments=["A"]"#])
        #expect(try session.receive(delta("B", seq: 4, "yes", "0.3000", "1.00")).brief.count == 1)
    }

    @Test func deletedMarket_isUnknown_whereTheOkHasNoList() throws {
        let session = try started()
        try session.send(#"{"id":5,"cmd":"update_subscription","params":{"sids":[1],"action":"delete_markets","market_tickers":["B"]}}"#)
        #expect(
            try session.receive(#"{"type":"ok","id":5,"sid":1,"seq":3,"msg":{}}"#).brief.first?.hasSuffix(
                #"reason=unsubscribed since_us=\#(session.now - 2000) instruments=["B"]"#) == true)
    }

    @Test(arguments: ["null", "[]"])
    func acknowledgementThatLeavesTheListOut_takesNothingAway(_ list: String) throws {
        let session = try started()
        try session.send(subscribe(["C"], id: 7))
        #expect(try session.receive("{\"type\":\"ok\",\"id\":7,\"sid\":1,\"seq\":3,\"msg\":{\"market_tickers\":\(list)}}").brief == [])
        #expect(try session.receive(delta("A", seq: 4, "yes", "0.3000", "1.00")).brief.count == 1)
    }

    @Test func listOfSubscriptions_isNoList() throws {
        let session = try started()
        #expect(try session.receive(#"{"id":3,"type":"ok","msg":[{"channel":"orderbook_delta","sid":1}]}"#).brief == [])
        #expect(try session.receive(delta("A", seq: 3, "yes", "0.3000", "1.00")).brief.count == 1)
    }

    // MARK: Live

    @Test func connection_isLiveWithTheLastSnapshotThatWasAskedFor() throws {
        let session = try Session()
        #expect(try session.open().brief == ["feed_status conn=1 state=connecting"])
        try session.send(subscribe(["A"], id: 1))
        try session.send(subscribe(["B"], id: 2))
        try session.receive(subscribed("orderbook_delta", sid: 1))
        #expect(try session.receive(snapshot("A", seq: 1)).brief.count == 1)
        #expect(try session.receive(snapshot("B", seq: 2)).brief.last == "feed_status conn=1 state=live")
    }

    @Test func connectionWithAHoleAtItsStart_isLiveWhenAllBooksAreThere() throws {
        let session = try Session()
        try session.open()
        try session.send(subscribe(["A", "B"]))
        try session.receive(subscribed("orderbook_delta", sid: 1))
        try session.receive(snapshot("A", seq: 1))
        #expect(try !session.receive(snapshot("B", seq: 3)).brief.contains { $0.contains("state=live") })
        #expect(try session.receive(snapshot("A", seq: 4)).brief.last == "feed_status conn=1 state=live")
    }

    @Test func connection_isLiveAfterTenSeconds_withTheBooksThatCame() throws {
        // §7.12: "subscribed" markets without data.
        let session = try Session()
        try session.open()
        try session.send(subscribe(["A", "B", "NOBODY"]))
        try session.receive(subscribed("orderbook_delta", sid: 1))
        try session.receive(snapshot("A", seq: 1))
        try session.receive(snapshot("B", seq: 2))
        #expect(try session.wait(seconds: 9).brief == [])
        #expect(try session.wait(seconds: 1).brief == ["feed_status conn=1 state=live reason=books 2 of 3"])
        #expect(try session.wait(seconds: 15).brief == [])
    }

    @Test func connectionWithoutData_isNotLive_untilDataComes() throws {
        let session = try Session()
        try session.open()
        try session.send(subscribe(["A"]))
        #expect(try session.wait(seconds: 12).brief == [])
        #expect(try session.receive(subscribed("orderbook_delta", sid: 1)).brief == ["feed_status conn=1 state=live reason=books 0 of 1"])
    }

    @Test func connectionWithoutBooks_isLiveWhenItIsSubscribed() throws {
        let session = try Session(["--channels", "trade"])
        try session.open()
        try session.send(subscribe([], channels: ["trade"]))
        #expect(try session.receive(subscribed("trade", sid: 1)).brief == ["feed_status conn=1 state=live"])
    }

    @Test func whereTheRecordingDoesNotTell_theFirstBookIsEnough() throws {
        let session = try Session()
        #expect(try session.receive(snapshot("A", seq: 1)).brief.last == "feed_status conn=1 state=live")
    }

    @Test func gapNamesItsBooks_whereAnotherSubscriptionHasSome() throws {
        let session = try Session()
        try session.receive(snapshot("A", seq: 1))
        try session.receive(snapshot("B", seq: 1, sid: 2))
        #expect(
            try session.receive(snapshot("A", seq: 3)).brief.first
                == #"feed_status conn=1 state=gap reason=sequence since_us=\#(session.now - 2000) instruments=["A"] expected_seq=2 got_seq=3"#
        )
        #expect(try session.receive(delta("B", seq: 2, "yes", "0.3000", "1.00", sid: 2)).brief.count == 1)
    }
}

import MarketModel
import Testing

@testable import kalshi_feed

/// What a live session sends, and what it does about answers; the venue is played by the test.
@Suite struct KalshiLiveCommandsTests {
    // MARK: The first subscription

    @Test func socket_beginsAndEndsWithAList_oneCommandAChannel() throws {
        let session = try LiveSession.found(["A-1", "B-1"])
        try session.open()
        #expect(session.sent().commands == ["list_subscriptions"])
        try session.receive(#"{"id":1,"type":"ok","msg":[]}"#)
        try session.pass(seconds: 0.02)
        let frames = session.sent()
        #expect(frames.commands == ["subscribe orderbook_delta A-1+B-1", "subscribe trade A-1+B-1"])
        #expect(
            frames[0] == #"{"id":2,"cmd":"subscribe","params":{"channels":["orderbook_delta"],"market_tickers":["A-1","B-1"],"#
                + #""skip_ticker_ack":true,"use_yes_price":true}}"#)
        try session.pass(seconds: 0.02)
        #expect(session.sent() == [#"{"id":4,"cmd":"subscribe","params":{"channels":["market_lifecycle_v2"]}}"#])
        try session.pass(seconds: 1)
        #expect(session.sent() == [])
        for (id, channel, sid) in [(2, "orderbook_delta", 1), (3, "trade", 2), (4, "market_lifecycle_v2", 3)] {
            try session.receive(subscribed(channel, sid: sid, id: id))
        }
        #expect(session.sent().commands == ["list_subscriptions"])
    }

    @Test func connection_isLive_whenTheLastPieceHasCome_notTheFirst() throws {
        let tickers = (0..<150).map { "M-\($0)" }
        let session = try LiveSession(tickers)
        try session.answerMarkets(Array(tickers[..<100]))
        try session.answerMarkets(Array(tickers[100...]))
        try session.open()
        try session.acknowledgeAll()
        let lines = session.lines().brief
        let live = try #require(lines.firstIndex { $0.contains("state=live") })
        #expect(lines[..<live].filter { $0.hasPrefix("book_snapshot") }.count == 150)
        #expect(lines[live] == "feed_status conn=1 state=live")
    }

    @Test func commandsOfOurs_neverCarryAHundredAndOneTickers() throws {
        let tickers = (0..<350).map { "M-\($0)" }
        let session = try LiveSession(tickers)
        for start in stride(from: 0, to: 350, by: 100) { try session.answerMarkets(Array(tickers[start..<min(350, start + 100)])) }
        #expect(session.questions.allSatisfy { $0.split(separator: ",").count <= 100 })
        try session.open()
        var largest = 0
        for _ in 0..<30 {
            for text in session.sent() {
                let command = try Command(text)
                largest = max(largest, command.tickers.count)
                if command.verb == "subscribe" { try session.receive(subscribed(command.channel, sid: command.id, id: command.id)) }
            }
            try session.pass(seconds: 0.1)
        }
        #expect(largest == 100)
    }

    // MARK: Answers that do not come

    @Test func unansweredSubscribe_isSentAgain_thenTheSocketIsReplaced() throws {
        let session = try LiveSession.found(["A-1"], ["--channels", "book"])
        try session.open()
        try session.receive(#"{"id":1,"type":"ok","msg":[]}"#)
        try session.pass(seconds: 1)
        #expect(session.sent().commands.contains("subscribe orderbook_delta A-1"))
        try session.receive(subscribed("market_lifecycle_v2", sid: 2, id: 3))
        try session.pass(seconds: 4.2)
        #expect(session.sent().commands == ["subscribe orderbook_delta A-1"])
        #expect(session.drops.isEmpty)
        try session.pass(seconds: 5.2)
        #expect(session.drops.map(\.reason) == ["orderbook_delta is not answered"])
    }

    @Test func listsThatAreNotAnswered_endTheSocket() throws {
        let session = try LiveSession.live(["A-1"])
        _ = session.sent()
        var lists = 0
        for second in 0..<90 where session.drops.isEmpty {
            try session.receive(delta("A-1", seq: UInt64(second) + 2, "yes", "0.3000", "1.00"))
            try session.pass(seconds: 1)
            for text in session.sent() {
                let command = try Command(text)
                if command.verb == "list_subscriptions" { lists += 1 }
                if command.verb == "subscribe" { try session.receive(done(command.id, sid: command.channel == "trade" ? 2 : 3)) }
            }
        }
        #expect(lists == 2 && session.drops.map(\.reason) == ["commands are not answered"])
    }

    // MARK: Errors (§2.2)

    @Test(arguments: [10, 17, 25])
    func endOfTheBooks_subscribesAgain_andIsLiveAgain(_ code: Int) throws {
        let session = try LiveSession.live(["A-1", "B-1"])
        try session.receive(failure(code, sid: 1, seq: 3))
        try session.pass(seconds: 0.05)
        #expect(session.sent().isEmpty)
        try session.pass(seconds: 1)
        let again = session.sent()
        #expect(again.commands.first == "subscribe orderbook_delta A-1+B-1")
        try session.receive(subscribed("orderbook_delta", sid: 9, id: Command(again[0]).id))
        try session.receive(snapshot("A-1", seq: 1, sid: 9))
        try session.receive(snapshot("B-1", seq: 2, sid: 9))
        let lines = session.lines().brief
        #expect(lines.first?.contains("state=gap reason=subscription ended: code \(code)") == true)
        #expect(lines.last == "feed_status conn=1 state=live")
        #expect(session.drops.isEmpty)
    }

    @Test func overflow_asksInSmallerPieces() throws {
        let tickers = (0..<100).map { "M-\($0)" }
        let session = try LiveSession.live(tickers)
        try session.receive(failure(25, sid: 1, seq: 101))
        try session.pass(seconds: 2)
        let piece = try Command(try #require(session.sent().first))
        #expect(piece.verb == "subscribe" && piece.tickers.count == 50)
    }

    @Test func endThatNamesNothing_isOfAllChannels() throws {
        let session = try LiveSession.live(["A-1"])
        try session.receive(failure(10))
        try session.pass(seconds: 2)
        #expect(
            Set(session.sent().commands.filter { $0.hasPrefix("subscribe") })
                == ["subscribe orderbook_delta A-1", "subscribe trade A-1", "subscribe market_lifecycle_v2"])
    }

    @Test func tooManyMarkets_goOverAnotherSocket() throws {
        let session = try LiveSession.found(["A-1", "B-1", "C-1"], ["--channels", "book"])
        try session.open()
        var held = 0
        for _ in 0..<40 {
            for text in session.sent() {
                let command = try Command(text)
                if command.verb == "list_subscriptions" {
                    try session.receive(
                        "{\"id\":\(command.id),\"type\":\"ok\",\"msg\":[{\"channel\":\"orderbook_delta\",\"sid\":1},{\"channel\":\"market_lifecycle_v2\",\"sid\":2}]}"
                    )
                } else if command.channel != "orderbook_delta" {
                    try session.receive(subscribed(command.channel, sid: 2, id: command.id))
                } else if held + command.tickers.count > 2 {
                    try session.receive(failure(26, id: command.id, sid: held == 0 ? nil : 1))
                } else {
                    try session.receive(held == 0 ? subscribed("orderbook_delta", sid: 1, id: command.id) : done(command.id, sid: 1))
                    held += command.tickers.count
                }
            }
            try session.pass(seconds: 0.1)
        }
        #expect(held == 2 && session.adapter.slots.groups.map(\.tickers) == [["A-1", "B-1"], ["C-1"]])
        try session.open(2, slot: 2)
        try session.receive(#"{"id":1,"type":"ok","msg":[]}"#, on: 2)
        try session.pass(seconds: 0.1)
        #expect(session.sent(on: 2).commands.last == "subscribe orderbook_delta C-1")
    }

    @Test func refusedCredentials_endTheRunWith77() throws {
        let session = try LiveSession.found(["A-1"])
        try session.open()
        let thrown = #expect(throws: (any Error).self) { try session.receive(failure(9, id: 1)) }
        #expect("\(String(describing: thrown))".contains("error 9"))
    }

    @Test func channelThatIsGone_isLeftOut_withTheOthersGoingOn() throws {
        let session = try LiveSession.found(["A-1"])
        try session.open()
        try session.receive(#"{"id":1,"type":"ok","msg":[]}"#)
        try session.pass(seconds: 0.1)
        let commands = session.sent()
        let trade = try #require(commands.first { $0.contains("trade") })
        try session.receive(failure(8, id: Command(trade).id))
        for text in commands where !text.contains("trade") {
            let command = try Command(text)
            if command.verb == "subscribe" { try session.receive(subscribed(command.channel, sid: command.id, id: command.id)) }
        }
        try session.pass(seconds: 1)
        #expect(session.sent().commands == ["list_subscriptions"])
    }

    @Test func timedOutCommand_isSentAgain_later() throws {
        let session = try LiveSession.found(["A-1"], ["--channels", "book"])
        try session.open()
        try session.receive(#"{"id":1,"type":"ok","msg":[]}"#)
        try session.pass(seconds: 0.1)
        _ = session.sent()
        try session.receive(failure(18, id: 2))
        try session.pass(seconds: 2)
        #expect(session.sent().commands.contains("subscribe orderbook_delta A-1") && session.drops.isEmpty)
    }

    @Test func tooManyCommands_slowUsDown() throws {
        let tickers = (0..<5).map { "M-\($0)" }
        let session = try LiveSession.found(tickers)
        try session.open()
        try session.receive(failure(27, id: 1))
        try session.pass(seconds: 0.02)
        #expect(session.sent().count <= 1)
        try session.pass(seconds: 1)
        #expect(session.sent().commands.contains("subscribe trade M-0+M-1+M-2+M-3+M-4"))
    }

    @Test(arguments: [1, 2, 5, 11, 14])
    func refusalOfOurOwnMaking_isNeverAStorm(_ code: Int) throws {
        let session = try LiveSession.found(["A-1", "B-1"], ["--channels", "book"])
        try session.open()
        var count = 0
        for _ in 0..<600 {
            for text in session.sent() {
                count += 1
                let command = try Command(text)
                if command.verb == "list_subscriptions" {
                    try session.receive("{\"id\":\(command.id),\"type\":\"ok\",\"msg\":[]}")
                } else {
                    try session.receive(failure(code, id: command.id))
                }
            }
            try session.pass(seconds: 0.1)
        }
        #expect(count < 80, "\(count) commands in a minute")
    }

    @Test func refusedMarket_isDropped_theOthersStay() throws {
        let session = try LiveSession.found(["A-1", "BAD", "C-1"], ["--channels", "book"])
        try session.open()
        for _ in 0..<80 {
            for text in session.sent() {
                let command = try Command(text)
                if command.verb == "list_subscriptions" {
                    try session.receive("{\"id\":\(command.id),\"type\":\"ok\",\"msg\":[]}")
                } else if command.tickers.contains("BAD") {
                    try session.receive(failure(11, id: command.id))
                } else {
                    try session.receive(subscribed(command.channel, sid: command.channel == "orderbook_delta" ? 1 : 2, id: command.id))
                }
            }
            try session.pass(seconds: 0.1)
        }
        #expect(session.adapter.slots.groups[0].tickers == ["A-1", "C-1"])
    }

    @Test func marketThatTheVenueDoesNotKnow_isDropped() throws {
        let session = try LiveSession.live(["A-1", "B-1"])
        try session.receive(failure(16, ticker: "B-1"))
        #expect(session.adapter.slots.groups[0].tickers == ["A-1"])
        try session.pass(seconds: 1)
        #expect(session.sent().commands.contains("update_subscription delete_markets B-1"))
    }

    // MARK: What the venue thinks is open (§4)

    @Test func subscriptionThatTheVenueDoesNotList_isMadeAnew_andItsBooksAreUnknown() throws {
        let session = try LiveSession.live(["A-1"])
        try session.receive(failure(99))
        try session.pass(seconds: 3)
        let list = try #require(session.sent().first { $0.contains("list_subscriptions") })
        try session.receive(
            #"{"id":\#(try Command(list).id),"type":"ok","msg":[{"channel":"trade","sid":2},{"channel":"market_lifecycle_v2","sid":3}]}"#)
        #expect(session.lines().brief.contains { $0.contains("state=gap reason=the venue has no subscription of ours") })
        try session.pass(seconds: 2)
        #expect(session.sent().commands.contains("subscribe orderbook_delta A-1"))
    }

    @Test func listWithWhatWeHave_changesNothing() throws {
        let session = try LiveSession.live(["A-1"])
        try session.receive(failure(99))
        try session.pass(seconds: 3)
        let list = try #require(session.sent().first { $0.contains("list_subscriptions") })
        try session.receive(
            #"{"id":\#(try Command(list).id),"type":"ok","msg":[{"channel":"orderbook_delta","sid":1},{"channel":"trade","sid":2},"#
                + #"{"channel":"market_lifecycle_v2","sid":3}]}"#)
        try session.pass(seconds: 2)
        #expect(session.sent().isEmpty && session.lines().brief.isEmpty)
    }
}

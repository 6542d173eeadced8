import MarketModel
import Testing

@testable import kalshi_feed

/// Books that are missing, lost, wrong or silent in a live session.
@Suite struct KalshiLiveBooksTests {
    private func names(_ count: Int) -> [String] { (0..<count).map { "M-\($0)" } }

    // MARK: Gaps (§4, §7 no. 8 and 9)

    @Test func hole_asksForWholeBooks_onTheBooksSid_inPieces() throws {
        let session = try LiveSession.live(names(120))
        try session.receive(delta("M-0", seq: 130, "yes", "0.3000", "1.00"))
        try session.pass(seconds: 0.2)
        let questions = try session.sent().map { try Command($0) }.filter { $0.action == "get_snapshot" }
        #expect(questions.map(\.tickers.count) == [100, 20] && questions.allSatisfy { $0.sids == [1] })
        var seq: UInt64 = 131
        for question in questions {
            for ticker in question.tickers {
                try session.receive(snapshot(ticker, seq: seq, id: question.id))
                seq += 1
            }
        }
        let lines = session.lines().brief
        #expect(lines.filter { $0.contains("reason=resync") }.count == 120)
        #expect(lines.last == "feed_status conn=1 state=live")
        try session.pass(seconds: 8)
        #expect(!session.sent().commands.contains { $0.contains("unsubscribe") || $0.hasPrefix("subscribe orderbook") })
    }

    @Test func wholeBooksThatDoNotCome_renewTheSubscription_thenTheSocket() throws {
        let session = try LiveSession.live(names(2))
        try session.receive(delta("M-0", seq: 9, "yes", "0.3000", "1.00"))
        try session.pass(seconds: 5.5)
        #expect(session.sent().commands == ["update_subscription get_snapshot M-0+M-1", "unsubscribe"])
        try session.pass(seconds: 12)
        #expect(session.drops.map(\.reason) == ["orderbook_delta is not answered"])
    }

    @Test func refusedQuestionForABook_subscribesToItsMarketsAnew() throws {
        // §7 no. 9: error 13 has no id, and uses up a number.
        let session = try LiveSession.live(names(2))
        try session.receive(delta("M-0", seq: 9, "yes", "0.3000", "1.00"))
        try session.pass(seconds: 0.1)
        _ = session.sent()
        try session.receive(failure(13, sid: 1, seq: 10))
        try session.pass(seconds: 0.1)
        let off = try Command(try #require(session.sent().first))
        #expect(off.verb == "unsubscribe")
        try session.receive("{\"id\":\(off.id),\"sid\":1,\"seq\":11,\"type\":\"unsubscribed\"}")
        try session.pass(seconds: 0.1)
        #expect(session.sent().commands.first == "subscribe orderbook_delta M-0+M-1")
    }

    @Test func someBooksThatDoNotCome_areSubscribedAnewAlone() throws {
        let session = try LiveSession.live(names(3))
        try session.receive(delta("M-0", seq: 9, "yes", "0.3000", "1.00"))
        try session.pass(seconds: 0.1)
        let question = try Command(try #require(session.sent().first))
        try session.receive(snapshot("M-0", seq: 10, id: question.id))
        try session.receive(snapshot("M-2", seq: 11, id: question.id))
        try session.pass(seconds: 6)
        #expect(session.sent().commands == ["update_subscription delete_markets M-1"])
    }

    @Test func bookThatNeverComes_isAskedForEverMoreRarely_andNeverAStorm() throws {
        let session = try LiveSession.found(names(2), ["--channels", "book"])
        var conn: Int64 = 0
        var commands: [String] = []
        var seq: UInt64 = 1
        for second in 0..<1200 {
            if session.openConns.isEmpty {
                conn += 1
                seq = 1
                try session.open(conn)
            }
            for text in session.sent(on: conn) {
                let command = try Command(text)
                if command.tickers.contains("M-1") { commands.append(command.verb) }
                switch (command.verb, command.channel) {
                case ("list_subscriptions", _):
                    try session.receive(
                        "{\"id\":\(command.id),\"type\":\"ok\",\"msg\":[{\"channel\":\"orderbook_delta\",\"sid\":1},{\"channel\":\"market_lifecycle_v2\",\"sid\":2}]}",
                        on: conn)
                case ("subscribe", "orderbook_delta"):
                    try session.receive(
                        seq == 1 ? subscribed("orderbook_delta", sid: 1, id: command.id) : done(command.id, sid: 1, seq: seq), on: conn)
                    if seq > 1 { seq += 1 }
                    if command.tickers.contains("M-0") {
                        try session.receive(snapshot("M-0", seq: seq), on: conn)
                        seq += 1
                    }
                case ("subscribe", _): try session.receive(subscribed(command.channel, sid: 2, id: command.id), on: conn)
                default:
                    if command.action == "delete_markets" {
                        try session.receive(done(command.id, sid: 1, seq: seq), on: conn)
                        seq += 1
                    }
                }
            }
            if session.requests.contains(where: { $0.url.contains("/markets?") }) { try session.answerMarkets(["M-1"]) }
            if second % 3 == 0 {
                try session.receive(delta("M-0", seq: seq, "yes", "0.3000", "1.00"), on: conn)
                seq += 1
            }
            try session.pass(seconds: 1)
        }
        #expect(session.drops.count <= 1 && commands.count < 20, "\(session.drops.count) sockets, \(commands)")
        #expect(session.adapter.slots.contains("M-1"))
    }

    @Test func firstBookThatIsLeftOut_isAskedFor() throws {
        let session = try LiveSession.found(names(2), ["--channels", "book"])
        try session.open()
        try session.receive(#"{"id":1,"type":"ok","msg":[]}"#)
        try session.pass(seconds: 0.1)
        _ = session.sent()
        try session.receive(subscribed("orderbook_delta", sid: 1, id: 2))
        try session.receive(snapshot("M-0", seq: 1))
        try session.receive(delta("M-1", seq: 2, "yes", "0.3000", "1.00"))
        try session.pass(seconds: 4.8)
        #expect(!session.sent().commands.contains { $0.contains("get_snapshot") })
        try session.pass(seconds: 0.3)
        #expect(session.sent().commands.contains("update_subscription get_snapshot M-1"))
    }

    @Test func impossibleChange_asksForThatBookAlone() throws {
        let session = try LiveSession.live(names(2))
        try session.receive(delta("M-1", seq: 3, "yes", "0.3000", "-900.00"))
        try session.pass(seconds: 0.1)
        #expect(session.sent().commands == ["update_subscription get_snapshot M-1"])
    }

    // MARK: Quiet markets (§4)

    @Test func quietMarkets_areAsked_andAnAgreementSaysNothing() throws {
        let session = try LiveSession.live(names(2))
        try session.pass(seconds: 11)
        let question = try Command(try #require(session.sent().first { $0.contains("get_snapshot") }))
        #expect(question.tickers == ["M-0", "M-1"])
        try session.receive(snapshot("M-0", seq: 3, yes: [("0.3000", "5.00")], id: question.id))
        try session.receive(snapshot("M-1", seq: 4, yes: [("0.3000", "5.00")], id: question.id))
        #expect(session.lines().brief == [] && session.paper["audits"] == 2 && session.paper["audit_disagreements"] == 0)
    }

    @Test func disagreement_isAGapSinceTheLastAgreement_andAResync_andSubscribesAnew() throws {
        let session = try LiveSession.live(names(2))
        let question = try Command(try #require(try session.waitForAudit()))
        let agreed = session.now.micros
        try session.receive(snapshot("M-0", seq: 3, yes: [("0.3000", "5.00")], id: question.id))
        try session.receive(snapshot("M-1", seq: 4, yes: [("0.3000", "5.00")], id: question.id))
        let again = try Command(try #require(try session.waitForAudit()))
        try session.receive(snapshot("M-0", seq: 5, yes: [("0.2500", "1.00")], id: again.id))
        #expect(
            session.lines().brief.filter { !$0.contains("heartbeat") } == [
                #"feed_status conn=1 state=gap reason=the venue's whole book is another since_us=\#(agreed) instruments=["M-0"]"#,
                "book_snapshot instrument=M-0 conn=1 seq=2 bids=[[0.25,1]] asks=[] reason=resync",
            ])
        #expect(session.paper["audit_disagreements"] == 1)
        try session.receive(snapshot("M-1", seq: 6, yes: [("0.3000", "5.00")], id: again.id))
        try session.pass(seconds: 0.2)
        let off = try Command(try #require(session.sent().first { $0.contains("delete_markets") }))
        #expect(off.tickers == ["M-0"])
        try session.receive(done(off.id, sid: 1, seq: 7))
        try session.pass(seconds: 0.2)
        let on = session.sent().commands
        #expect(on == ["subscribe orderbook_delta M-0"])
    }

    @Test func quietSocket_isAskedBeforeItIsStale_soThatItNeverFlaps() throws {
        let session = try LiveSession.live(["M-0"], ["--stale-after", "6s"])
        var seq: UInt64 = 2
        for _ in 0..<120 {
            try session.pass(seconds: 0.5)
            for text in session.sent() {
                let command = try Command(text)
                if command.action == "get_snapshot" {
                    try session.receive(snapshot("M-0", seq: seq, yes: [("0.3000", "5.00")], id: command.id))
                    seq += 1
                } else if command.verb == "subscribe" {
                    try session.receive(done(command.id, sid: command.channel == "trade" ? 2 : 3))
                } else {
                    try session.receive(
                        #"{"id":\#(command.id),"type":"ok","msg":[{"channel":"orderbook_delta","sid":1},{"channel":"trade","sid":2},"#
                            + #"{"channel":"market_lifecycle_v2","sid":3}]}"#)
                }
            }
        }
        #expect(session.lines().brief == [] && session.drops.isEmpty && session.paper["audits"] > 10)
    }

    /// After a book that began anew on one of two connections nothing that the other says tells where it is: its whole book does.
    @Test func connectionWhosePlaceIsLost_isAskedAtOnce_thoughItsMarketIsBusy() throws {
        let session = try LiveSession.live(["M-0"], ["--redundant", "2"])
        try session.open(2)
        try session.acknowledgeAll(["M-0"], on: 2)
        _ = session.lines()
        try session.receive(delta("M-0", seq: 2, "yes", "0.3000", "1.00", more: ",\"ts_ms\":1"))
        try session.receive(delta("M-0", seq: 2, "yes", "0.3000", "1.00", more: ",\"ts_ms\":1"), on: 2)
        // Unasked, and another one: the book begins anew with the first connection.
        try session.receive(snapshot("M-0", seq: 3, yes: [("0.3000", "9.00")]))
        #expect(session.lines().brief.last?.contains("bids=[[0.3,9]]") == true)
        _ = session.sent(on: 2)
        for number in 0..<4 {
            try session.receive(delta("M-0", seq: UInt64(3 + number), "yes", "0.2000", "1.00", more: ",\"ts_ms\":\(2 + number)"), on: 2)
            try session.pass(seconds: 0.4)
        }
        let question = try Command(try #require(session.sent(on: 2).first { $0.contains("get_snapshot") }))
        #expect(question.tickers == ["M-0"])
    }

    @Test func silentTrades_areProbed_andRenewedWhereNothingAnswers() throws {
        let session = try LiveSession.live(["M-0"])
        var seq: UInt64 = 2
        var seen: [String] = []
        for _ in 0..<22 {
            try session.receive(delta("M-0", seq: seq, "yes", "0.3000", "1.00"))
            seq += 1
            try session.pass(seconds: 1)
            for text in session.sent() {
                let command = try Command(text)
                seen.append([text].commands[0])
                if command.channel == "market_lifecycle_v2" { try session.receive(done(command.id, sid: 3)) }
                if command.verb == "list_subscriptions" {
                    try session.receive(
                        #"{"id":\#(command.id),"type":"ok","msg":[{"channel":"orderbook_delta","sid":1},{"channel":"trade","sid":2},"#
                            + #"{"channel":"market_lifecycle_v2","sid":3}]}"#)
                }
                if command.verb == "unsubscribe" {
                    try session.receive("{\"id\":\(command.id),\"sid\":2,\"seq\":1,\"type\":\"unsubscribed\"}")
                }
            }
        }
        let trades = seen.filter { $0.contains("trade") || $0 == "unsubscribe" }
        #expect(trades.prefix(3) == ["subscribe trade M-0", "unsubscribe", "subscribe trade M-0"])
    }
}

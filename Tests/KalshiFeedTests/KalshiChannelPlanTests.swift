import FeedSession
import MarketModel
import Testing

@testable import kalshi_feed

@Suite struct KalshiChannelPlanTests {
    private static func at(_ millis: Int64) -> Timestamp { Timestamp(micros: millis * 1000) }
    private let jitter: KalshiSocketPlan.Jitter = { failures, _ in Int64(failures) * 1000 }

    private func names(_ count: Int) -> [String] { (0..<count).map { "M-\($0)" } }

    private func plan(_ count: Int, _ channel: KalshiChannel = .book) -> KalshiChannelPlan {
        KalshiChannelPlan(channel, tickers: names(count), at: Self.at(0))
    }

    @Test func pieces_haveAtMostAHundred_oneAtATime_withPauses() {
        var plan = plan(250)
        #expect(plan.takeCommand(at: Self.at(0)) == .subscribe(Array(names(250)[..<100])))
        #expect(plan.takeCommand(at: Self.at(9000)) == nil)
        #expect(plan.acknowledged(sid: 7, isFresh: true, at: Self.at(10)).count == 100)
        #expect(plan.takeCommand(at: Self.at(11)) == nil && plan.nextDeadline == Self.at(60))
        #expect(plan.takeCommand(at: Self.at(60)) == .subscribe(Array(names(250)[100..<200])))
        _ = plan.acknowledged(sid: 7, isFresh: false, at: Self.at(70))
        #expect(plan.takeCommand(at: Self.at(200)) == .subscribe(Array(names(250)[200...])))
        #expect(!plan.isSettled)
        _ = plan.acknowledged(sid: 7, isFresh: false, at: Self.at(210))
        #expect(plan.isSettled && plan.held.count == 250)
    }

    @Test func nothingCountsAsSubscribed_beforeItsAcknowledgement() {
        // §7 no. 12.
        var plan = plan(3)
        _ = plan.takeCommand(at: Self.at(0))
        #expect(!plan.holds("M-0") && plan.held.isEmpty)
        plan.retry(isUnanswered: false, at: Self.at(10), jitter: jitter)
        #expect(plan.held.isEmpty && plan.waiting == names(3))
    }

    @Test func overflow25_asksAgain_inHalves_downToTen_withGrowingPauses() {
        var plan = plan(100)
        var time: Int64 = 0
        var sizes: [Int] = []
        var pauses: [Int64] = []
        for _ in 0..<6 {
            guard case .subscribe(let piece) = plan.takeCommand(at: Self.at(time)) else {
                Issue.record("no piece")
                return
            }
            sizes.append(piece.count)
            plan.ended(isOverflow: true, at: Self.at(time), jitter: jitter)
            let due = plan.nextDeadline ?? Self.at(0)
            pauses.append(due.micros(since: Self.at(time)))
            time = due.micros / 1000 + 1
        }
        #expect(sizes == [100, 50, 25, 12, 10, 10])
        #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 < $1 })
        #expect(plan.waiting.count == 100)
    }

    @Test func endOfTheSubscription_putsBackWhatWasHeld_andWhatWasOnItsWay() {
        var plan = plan(150)
        _ = plan.takeCommand(at: Self.at(0))
        _ = plan.acknowledged(sid: 7, isFresh: true, at: Self.at(1))
        _ = plan.takeCommand(at: Self.at(100))
        plan.ended(isOverflow: false, at: Self.at(110), jitter: jitter)
        #expect(plan.sid == nil && plan.held.isEmpty && Set(plan.waiting) == Set(names(150)) && plan.waiting.count == 150)
        #expect(plan.pieceMax == 100)
    }

    @Test func refusedPiece_isSplit_untilTheBadMarketIsAlone() {
        var plan = plan(8)
        var time: Int64 = 0
        var refused: String?
        var commands = 0
        while refused == nil || !plan.isSettled, commands < 40 {
            time = (plan.nextDeadline?.micros ?? 0) / 1000 + 1
            guard case .subscribe(let piece) = plan.takeCommand(at: Self.at(time)) else { break }
            commands += 1
            if piece.contains("M-5") {
                refused = plan.split(at: Self.at(time), jitter: jitter) ?? refused
            } else {
                _ = plan.acknowledged(sid: 7, isFresh: commands == 1, at: Self.at(time))
            }
        }
        #expect(refused == "M-5" && plan.held.count == 7 && commands < 20)
    }

    @Test func limit26_isFilledUp_andTheRestGoesElsewhere() {
        // The venue takes 6 on a subscription.
        var plan = plan(10)
        var time: Int64 = 0
        var surplus: [String] = []
        for _ in 0..<20 where surplus.isEmpty {
            time = (plan.nextDeadline?.micros ?? 0) / 1000 + 1
            guard case .subscribe(let piece) = plan.takeCommand(at: Self.at(time)) else { break }
            if plan.held.count + piece.count > 6 {
                surplus = plan.overflow(at: Self.at(time))
            } else {
                _ = plan.acknowledged(sid: 7, isFresh: plan.sid == nil, at: Self.at(time))
            }
        }
        #expect(plan.held.count == 6 && surplus.count == 4 && plan.isSettled)
    }

    @Test func droppedMarkets_areDeleted_orNeverAskedFor() {
        var plan = plan(3)
        _ = plan.takeCommand(at: Self.at(0))
        plan.drop(["M-1"])
        _ = plan.acknowledged(sid: 7, isFresh: true, at: Self.at(10))
        #expect(plan.takeCommand(at: Self.at(100)) == .delete(sid: 7, ["M-1"]))
        plan.deleted(at: Self.at(110))
        #expect(plan.held == ["M-0", "M-2"] && plan.isSettled)
        plan.add(["N"])
        plan.drop(["N"])
        #expect(plan.takeCommand(at: Self.at(300)) == nil)
    }

    @Test func marketThatIsDroppedWhileItsPieceFails_isNotAskedForAgain() {
        var plan = plan(2)
        _ = plan.takeCommand(at: Self.at(0))
        plan.drop(["M-0"])
        plan.retry(isUnanswered: true, at: Self.at(10), jitter: jitter)
        #expect(plan.takeCommand(at: Self.at(100)) == .subscribe(["M-1"]))
    }

    @Test func marketThatIsWantedAgainWhileItIsDeleted_isAskedForAgain() {
        var plan = plan(2)
        _ = plan.takeCommand(at: Self.at(0))
        _ = plan.acknowledged(sid: 7, isFresh: true, at: Self.at(10))
        plan.drop(["M-0"])
        #expect(plan.takeCommand(at: Self.at(100)) == .delete(sid: 7, ["M-0"]))
        plan.add(["M-0"])
        plan.deleted(at: Self.at(110))
        #expect(plan.takeCommand(at: Self.at(200)) == .subscribe(["M-0"]))
    }

    @Test func lastMarkets_areUnsubscribed_andRenewedOnesAreAskedForAgain() {
        var plan = plan(2)
        _ = plan.takeCommand(at: Self.at(0))
        _ = plan.acknowledged(sid: 7, isFresh: true, at: Self.at(10))
        plan.renew(["M-0", "M-1"])
        #expect(plan.takeCommand(at: Self.at(100)) == .unsubscribe(sid: 7))
        plan.unsubscribed(at: Self.at(110))
        #expect(plan.takeCommand(at: Self.at(200)) == .subscribe(["M-0", "M-1"]))
        _ = plan.acknowledged(sid: 8, isFresh: true, at: Self.at(210))
        plan.drop(["M-0", "M-1"])
        #expect(plan.takeCommand(at: Self.at(300)) == .unsubscribe(sid: 8))
        plan.unsubscribed(at: Self.at(310))
        #expect(plan.isSettled && plan.takeCommand(at: Self.at(900)) == nil)
    }

    @Test func channelWithoutMarkets_isAskedForOnce_andProbed() {
        var plan = plan(5, .lifecycle)
        #expect(plan.takeCommand(at: Self.at(0)) == .subscribe([]))
        #expect(plan.takeProbe() == nil)
        _ = plan.acknowledged(sid: 3, isFresh: true, at: Self.at(1))
        #expect(plan.isSettled && plan.takeCommand(at: Self.at(100)) == nil)
        #expect(plan.takeProbe() == .probe([]))
        #expect(plan.takeProbe() == nil)
    }

    @Test func probeThatIsAnsweredByANewSubscription_asksForAllAgain() {
        var plan = plan(3, .trade)
        _ = plan.takeCommand(at: Self.at(0))
        _ = plan.acknowledged(sid: 3, isFresh: true, at: Self.at(1))
        #expect(plan.takeProbe() == .probe(["M-0"]))
        #expect(plan.acknowledged(sid: 9, isFresh: true, at: Self.at(2)) == ["M-0"])
        #expect(plan.sid == 9 && plan.held == ["M-0"] && plan.waiting == ["M-1", "M-2"])
    }
}

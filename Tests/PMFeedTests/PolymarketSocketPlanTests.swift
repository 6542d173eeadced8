import MarketModel
import TestSupport
import Testing

@testable import pm_feed

/// What goes out on one socket, frame by frame (dossier §1.1).
@Suite struct PolymarketSocketPlanTests {
    private func at(_ micros: Int64) -> Timestamp { Timestamp(micros: micros) }

    /// All frames until a time, each at the moment when it is due.
    private func frames(_ plan: inout PolymarketSocketPlan, from start: Int64, to end: Int64) -> [(time: Int64, text: String)] {
        var frames: [(time: Int64, text: String)] = []
        var now = start
        while now <= end {
            while let frame = plan.takeFrame(at: at(now)) { frames.append((now, frame)) }
            guard let next = plan.nextDeadline?.micros, next > now else { break }
            now = next
        }
        return frames
    }

    static func tokens(_ frame: String) -> [String] {
        guard let start = frame.firstRange(of: "\"assets_ids\":["), let end = frame[start.upperBound...].firstIndex(of: "]") else {
            return []
        }
        return frame[start.upperBound..<end].split(separator: ",").map { String($0.dropFirst().dropLast()) }
    }

    @Test func firstFrame_isTheFirstForm_spelledOutInFull() {
        var plan = PolymarketSocketPlan(tokens: ["1", "2"], openedAt: at(0))
        #expect(
            plan.takeFrame(at: at(0))
                == #"{"assets_ids":["1","2"],"type":"market","initial_dump":true,"level":2,"custom_feature_enabled":true}"#)
        #expect(plan.takeFrame(at: at(0)) == nil && plan.takeFrame(at: at(9_999_999)) == nil)
    }

    @Test func connectionWithoutTokens_subscribesToo_orItWouldBeClosed() {
        var plan = PolymarketSocketPlan(tokens: [], openedAt: at(0))
        #expect(plan.takeFrame(at: at(0))?.hasPrefix(#"{"assets_ids":[],"type":"market""#) == true)
        #expect(plan.pieces.isEmpty)
    }

    @Test func manyTokens_goOutInPieces_withPauses_theFirstFormOnce() {
        let names = (0..<400).map(String.init)
        var plan = PolymarketSocketPlan(tokens: names, openedAt: at(0))
        let frames = frames(&plan, from: 0, to: 5_000_000)
        #expect(frames.map(\.time) == [0, 250_000, 500_000, 750_000])
        #expect(frames.map { PolymarketSocketPlanTests.tokens($0.text).count } == [100, 100, 100, 100])
        #expect(frames.flatMap { PolymarketSocketPlanTests.tokens($0.text) } == names)
        #expect(frames.filter { $0.text.contains("\"type\":\"market\"") }.count == 1)
        #expect(frames[1].text.hasPrefix(#"{"operation":"subscribe","assets_ids":["100","#))
        #expect(frames[1].text.hasSuffix(#"],"level":2,"custom_feature_enabled":true}"#))
    }

    @Test func ping_comesTenSecondsAfterTheSubscription_andEveryTen_neverBefore() {
        var plan = PolymarketSocketPlan(tokens: ["1"], openedAt: at(0))
        // Nobody has called it for half a minute: the subscription still goes first.
        #expect(plan.takeFrame(at: at(30_000_000))?.contains("\"type\"") == true)
        #expect(plan.takeFrame(at: at(30_000_000)) == nil)
        #expect(frames(&plan, from: 30_000_000, to: 70_000_000).map(\.time) == [40_000_000, 50_000_000, 60_000_000, 70_000_000])
        #expect(plan.takeFrame(at: at(80_000_000)) == "PING")
    }

    @Test func tokensAddedAndDroppedLater_areTold_eachInItsWords() {
        var plan = PolymarketSocketPlan(tokens: ["1"], openedAt: at(0))
        _ = plan.takeFrame(at: at(0))
        plan.add(["2"])
        plan.drop(["1"])
        #expect(
            frames(&plan, from: 0, to: 2_000_000).map(\.text) == [
                #"{"operation":"unsubscribe","assets_ids":["1"]}"#,
                #"{"operation":"subscribe","assets_ids":["2"],"level":2,"custom_feature_enabled":true}"#,
            ])
    }

    @Test func tokenDroppedBeforeItWasAskedFor_isNotToldAtAll() {
        var plan = PolymarketSocketPlan(tokens: ["1", "2"], openedAt: at(0))
        plan.drop(["2"])
        plan.add(["3"])
        plan.drop(["3"])
        #expect(frames(&plan, from: 0, to: 2_000_000).map { PolymarketSocketPlanTests.tokens($0.text) } == [["1"]])
    }

    @Test func tokenDroppedAndWantedAgainBeforeAFrameWent_staysAsItIs() {
        var plan = PolymarketSocketPlan(tokens: ["1"], openedAt: at(0))
        _ = plan.takeFrame(at: at(0))
        plan.drop(["1"])
        plan.add(["1"])
        #expect(frames(&plan, from: 0, to: 2_000_000).isEmpty)
        plan.drop(["1"])
        #expect(frames(&plan, from: 2_000_000, to: 3_000_000).map(\.text) == [#"{"operation":"unsubscribe","assets_ids":["1"]}"#])
    }

    @Test func droppedAddedAndDroppedAgain_isStillToldToTheVenue() {
        var plan = PolymarketSocketPlan(tokens: ["1"], openedAt: at(0))
        _ = plan.takeFrame(at: at(0))
        plan.drop(["1"])
        plan.add(["1"])
        plan.drop(["1"])
        #expect(frames(&plan, from: 0, to: 2_000_000).map(\.text) == [#"{"operation":"unsubscribe","assets_ids":["1"]}"#])
    }

    @Test func pieces_areOverdueOnce_eachByItsOwnTime() {
        var plan = PolymarketSocketPlan(tokens: (0..<150).map(String.init), openedAt: at(0))
        _ = frames(&plan, from: 0, to: 1_000_000)
        #expect(plan.takePieces(sentBefore: at(-1)).isEmpty)
        #expect(plan.takePieces(sentBefore: at(0)).count == 100 && plan.takePieces(sentBefore: at(0)).isEmpty)
        #expect(plan.takePieces(sentBefore: at(249_999)).isEmpty && plan.takePieces(sentBefore: at(250_000)).count == 50)
    }

    @Test(arguments: 0..<40) func whateverIsAddedAndDropped_theVenueEndsWithExactlyWhatIsWanted(seed: Int) {
        var chance = SeededGenerator(seed: UInt64(seed))
        var wanted = Set((0..<chance.below(300)).map(String.init))
        var plan = PolymarketSocketPlan(tokens: wanted.sorted(), openedAt: at(0))
        var active: Set<String> = []
        var (now, last): (Int64, Int64) = (0, -1_000_000)
        var (isSubscribed, lastPing) = (false, 0 as Int64)
        func take() {
            while let frame = plan.takeFrame(at: at(now)) {
                guard frame != "PING" else {
                    #expect(isSubscribed && now - lastPing >= 10_000_000)
                    lastPing = now
                    continue
                }
                let tokens = PolymarketSocketPlanTests.tokens(frame)
                #expect(tokens.count <= 100 && now - last >= 250_000 && Set(tokens).count == tokens.count)
                last = now
                #expect(frame.contains("\"type\":\"market\"") == !isSubscribed)
                if !isSubscribed { lastPing = now }
                isSubscribed = true
                if frame.contains("unsubscribe") {
                    #expect(active.isSuperset(of: tokens))
                    active.subtract(tokens)
                } else {
                    #expect(active.isDisjoint(with: tokens), "asked for again while active: \(active.intersection(tokens).prefix(3))")
                    active.formUnion(tokens)
                }
            }
        }
        for _ in 0..<300 {
            now += Int64(chance.below(400_000))
            let some = Set((0..<(1 + chance.below(150))).map { _ in String(chance.below(500)) })
            switch chance.below(6) {
            case 0:
                plan.add(some.subtracting(wanted).sorted())
                wanted.formUnion(some)
            case 1:
                plan.drop(some.intersection(wanted).sorted())
                wanted.subtract(some)
            default: take()
            }
        }
        for _ in 0..<200 {
            take()
            guard let next = plan.nextDeadline?.micros, plan.nextDeadline != nil, active != wanted else { break }
            now = max(now, next)
        }
        #expect(active == wanted && isSubscribed)
    }
}

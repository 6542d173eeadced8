import MarketModel
import Testing

@testable import FeedSession
@testable import pm_feed

@Suite struct PolymarketRepairsTests {
    private let bench = RESTBench()

    private func answered(
        _ repairs: inout PolymarketRepairs, _ tokens: [String], known: Set<String> = [], present: Set<String>?, least: Int64 = 0
    ) -> [String] {
        repairs.answered(tokens, known: known, present: present, least: least, bench.control, at: bench.time)
    }

    /// Waits for the next question and gives its tokens.
    private func next(_ repairs: inout PolymarketRepairs) -> [String] {
        bench.now = max(bench.now, repairs.nextDeadline?.micros ?? bench.now)
        return repairs.takeDue(at: bench.time)
    }

    @Test func tokens_areAskedForTogether_atMost100_withAPause() {
        var repairs = PolymarketRepairs()
        for number in 0..<250 { repairs.add("\(number)", at: bench.time) }
        let first = repairs.takeDue(at: bench.time)
        #expect(first.count == 100 && repairs.takeDue(at: bench.time).isEmpty)
        #expect(repairs.nextDeadline == bench.time.advanced(byMicros: 200_000))
        #expect(repairs.takeDue(at: bench.time.advanced(byMicros: 199_999)).isEmpty)
        bench.now += 200_000
        let second = repairs.takeDue(at: bench.time)
        bench.now += 200_000
        let third = repairs.takeDue(at: bench.time)
        #expect(second.count == 100 && third.count == 50 && Set(first + second + third).count == 250)
        #expect(repairs.nextDeadline == nil && !repairs.isEmpty)
    }

    @Test func bookThatCame_endsTheRepair() {
        var repairs = PolymarketRepairs()
        repairs.add("1", at: bench.time)
        #expect(next(&repairs) == ["1"])
        #expect(answered(&repairs, ["1"], known: ["1"], present: ["1"]).isEmpty)
        #expect(repairs.isEmpty && repairs.nextDeadline == nil)
    }

    @Test func threeAnswersThatDidNotHelp_moveTheToken_andItIsAskedForAgain() {
        var repairs = PolymarketRepairs()
        repairs.add("1", at: bench.time)
        for round in 1...6 {
            #expect(next(&repairs) == ["1"])
            #expect(answered(&repairs, ["1"], present: ["1"]) == (round % 3 == 0 ? ["1"] : []))
        }
    }

    @Test func tokenThatTheVenueDoesNotKnow_isNeverMoved_andAskedForMoreAndMoreRarely() {
        var repairs = PolymarketRepairs()
        repairs.add("1", at: bench.time)
        var times: [Int64] = []
        for _ in 0..<60 {
            #expect(next(&repairs) == ["1"])
            times.append(bench.now)
            #expect(answered(&repairs, ["1"], present: []).isEmpty)
        }
        #expect(times[59] - times[40] > 19 * 15_000_000 && times[59] - times[40] < 19 * 60_500_000)
    }

    @Test func restThatFails_isNoVerdict_andIsAskedMoreAndMoreRarely() {
        var repairs = PolymarketRepairs()
        repairs.add("1", at: bench.time)
        var times: [Int64] = []
        for _ in 0..<60 {
            #expect(next(&repairs) == ["1"])
            times.append(bench.now)
            #expect(answered(&repairs, ["1"], present: nil).isEmpty)
        }
        #expect(times[59] - times[40] > 19 * 15_000_000)
        // It is back: the count begins anew.
        #expect(next(&repairs) == ["1"])
        _ = answered(&repairs, ["1"], present: ["1"])
        #expect(repairs.nextDeadline!.micros - bench.now <= 200_000 + 2_000_000)
    }

    @Test func throttled_waitsAtLeastAsLongAsIsAsked() {
        var repairs = PolymarketRepairs()
        repairs.add("1", at: bench.time)
        _ = next(&repairs)
        _ = answered(&repairs, ["1"], present: nil, least: 30_000_000)
        #expect(repairs.nextDeadline!.micros - bench.now >= 30_000_000)
    }

    @Test func tokenRemovedWhileItIsAskedFor_isForgotten() {
        var repairs = PolymarketRepairs()
        repairs.add("1", at: bench.time)
        _ = next(&repairs)
        repairs.remove("1")
        for present in [["1"], []] as [Set<String>] { #expect(answered(&repairs, ["1"], present: present).isEmpty) }
        #expect(repairs.isEmpty)
    }

    @Test func tokenAddedTwice_keepsItsTime() {
        var repairs = PolymarketRepairs()
        repairs.add("1", at: bench.time)
        repairs.add("1", at: bench.time.advanced(byMicros: 9_000_000))
        #expect(repairs.nextDeadline == bench.time)
    }
}

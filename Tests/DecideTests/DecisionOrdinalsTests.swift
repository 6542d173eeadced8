import JSON
import MarketModel
import Testing

@testable import mkt_decide

struct DecisionOrdinalsTests {
    private func ordinals(_ times: [Int64]) -> [String] {
        var ordinals = DecisionOrdinals()
        return times.map { time in
            var text = ByteBuffer()
            ordinals.next(at: Timestamp(micros: time)).append(to: &text)
            return String(decoding: text.bytes, as: UTF8.self)
        }
    }

    @Test func inOrder_countsWithinTheMicrosecond() {
        #expect(ordinals([5, 5, 5, 6, 7, 7]) == ["0", "1", "2", "0", "0", "1"])
    }

    @Test func backwards_neverRepeatsAnOrdinalOfAMoment() {
        #expect(ordinals([5, 3, 10, 3, 5, 10]) == ["0", "late 0", "0", "late 1", "late 2", "1"])
        let times = (0..<2000).map { Int64($0 * 7919 % 31) }
        #expect(Set(zip(times, ordinals(times)).map { "\($0) \($1)" }).count == times.count)
    }
}

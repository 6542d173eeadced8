import MarketModel
import Testing

@testable import mkt_decide

struct StreamTimersTests {
    @Test func works_comeInTheOrderOfTime_equalsAsAsked() {
        // A seeded walk against a list that is sorted each time.
        var state: UInt64 = 7
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var timers = StreamTimers<Int>()
        var list: [(due: Int64, number: Int)] = []
        for number in 0..<5000 {
            if random(3) > 0 {
                let due = Int64(random(50))
                timers.add(number, at: Timestamp(micros: due))
                list.append((due, number))
            }
            let now = Int64(random(60))
            while let (due, work) = timers.takeDue(by: Timestamp(micros: now)) {
                let least = list.indices.min { (list[$0].due, list[$0].number) < (list[$1].due, list[$1].number) }
                let expected = least.map { list.remove(at: $0) }
                #expect(expected?.due == due.micros && expected?.number == work)
            }
            #expect(list.allSatisfy { $0.due > now })
            #expect(timers.next.micros == list.map(\.due).min() ?? .max)
            #expect(timers.isEmpty == list.isEmpty)
        }
    }
}

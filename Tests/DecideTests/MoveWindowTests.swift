import MarketModel
import Testing

@testable import mkt_decide

struct MoveWindowTests {
    private func mark(_ time: Int64) -> BookMark { BookMark(conn: 1, seq: time, received: Timestamp(micros: time)) }

    @Test func farthest_isTheSameAsBySearchingEverything() {
        var state: UInt64 = 7
        func random(_ below: UInt64) -> Int64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64((state >> 33) % below)
        }
        let window = MoveWindow()
        var all: [(mid: Int64, time: Int64)] = []
        var time: Int64 = 0
        for _ in 0..<5000 {
            time += random(8)
            let mid = random(60)
            if mid == all.last?.mid { continue }
            window.add(mid, at: mark(time), windowMicros: 50)
            all.append((mid, time))
            let held = all.indices.filter { $0 + 1 == all.count || all[$0 + 1].time > time - 50 }
            let farthest = held.map { abs(all[$0].mid - mid) }.max()
            #expect(window.farthest.map { abs($0.doubleMid - mid) } == farthest)
        }
    }

    @Test func memory_isBoundedByTheNumberOfDifferentMids() {
        let window = MoveWindow()
        var largest = 0
        for time in 0..<100_000 {
            window.add(Int64(time % 2), at: mark(Int64(time)), windowMicros: .max)
            largest = max(largest, window.pointCount)
        }
        #expect(largest <= 4)
        for time in 0..<10_000 { window.add(Int64(time), at: mark(Int64(200_000 + time)), windowMicros: 100) }
        #expect(window.pointCount < 110)
    }

    @Test func ofTwoEquallyFar_theLowerIsGiven() {
        let window = MoveWindow()
        window.add(10, at: mark(1), windowMicros: 100)
        window.add(30, at: mark(2), windowMicros: 100)
        window.add(20, at: mark(3), windowMicros: 100)
        #expect(window.farthest?.doubleMid == 10)
    }

    @Test func timesNearTheEnd_doNotOverflow() {
        let window = MoveWindow()
        window.add(1, at: mark(.min), windowMicros: .max)
        window.add(2, at: mark(.max), windowMicros: .max)
        #expect(window.current == 2)
    }
}

import TestSupport
import Testing

@testable import mkt_sink

@Suite struct RateWindowTests {
    @Test func countsTheFiveWholeSecondsBefore() {
        var window = RateWindow()
        for second in Int64(100)...110 { for _ in 0..<second - 99 { window.count(at: second) } }
        // Seconds 106 … 110 had 7 … 11 lines.
        #expect(window.total(before: 111) == 45)
        #expect(window.total(before: 110) == 40)
        #expect(window.millionths(before: 111) == 9_000_000)
        #expect(window.total(before: 115) == 11)
        #expect(window.total(before: 116) == 0)
        #expect(window.total(before: .max) == 0)
    }

    @Test func aSecondThatComesLate_countsInTheLatestOne() {
        var window = RateWindow()
        for second in [Int64(50), 49, 43] { window.count(at: second) }
        #expect(window.total(before: 51) == 3)
    }

    @Test func aClockThatIsSetBack_beginsAnew() {
        var window = RateWindow()
        for second in [Int64(50), 42, 43, 44] { window.count(at: second) }
        #expect(window.total(before: 51) == 0)
        #expect(window.total(before: 45) == 3)
        for second in [Int64.max / 1_000_000, Int64.min / 1_000_000, 7] { window.count(at: second) }
        #expect(window.total(before: 8) == 1)
    }

    @Test func equalsAListOfAllLines() {
        var seed: UInt64 = 7
        func chance(_ most: UInt64) -> Int64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64((seed >> 33) % most)
        }
        var window = RateWindow()
        var all: [Int64] = []
        var now: Int64 = -20
        for _ in 0..<2000 {
            if chance(10) == 0 { now += chance(12) }
            window.count(at: now)
            all.append(now)
            let asked = now + chance(3)
            #expect(window.total(before: asked) == Int64(all.count { $0 >= asked - 5 && $0 < asked }))
        }
    }
}

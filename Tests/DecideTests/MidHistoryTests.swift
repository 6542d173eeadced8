import MarketModel
import TestSupport
import Testing

@testable import mkt_decide

/// One history and several who ask, each with a window and a beginning of its own.
@Suite struct MidHistoryTests {
    private struct Asker {
        let windowMicros: Int64
        var cursor = MidCursor()
        /// The first of all mids that counts for it.
        var first = 0
    }

    private typealias Told = (mid: Int64, time: Int64, number: Int64)

    private func mark(_ number: Int, _ time: Int64) -> LineMark {
        LineMark(BookMark(conn: 1, seq: Int64(number), received: Timestamp(micros: time)))
    }

    /// How far the mid of now is from the farthest that counts, by searching everything.
    private func distance(_ all: [Told], _ asker: Asker) -> Int64? {
        guard let last = all.last else { return nil }
        let edge = last.time - asker.windowMicros
        let held = all.indices.filter { $0 >= asker.first && ($0 + 1 == all.count || all[$0 + 1].time > edge) }
        return held.map { abs(all[$0].mid - last.mid) }.max()
    }

    @Test(arguments: 1...8) func everyOne_isToldWhatASearchFinds(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var history = MidHistory<LineMark>()
        var askers = [5, 50, 400, 3000].map { Asker(windowMicros: $0) }
        var all: [Told] = []
        var time: Int64 = 0
        for number in 0..<4000 {
            time += Int64(random.below(12))
            if random.below(300) == 0 {
                // A clock that is set back.
                time -= Int64(random.below(500))
            }
            let mid = Int64(random.below(seed % 2 == 0 ? 60 : 2000))
            let isSetBack = all.last.map { time < $0.time && mid != $0.mid } ?? false
            history.take(mid, at: mark(number, time), keptMicros: 3000)
            if isSetBack { all.removeAll() }
            if all.last?.mid != mid { all.append((mid, time, Int64(number))) }
            for index in askers.indices {
                if isSetBack { askers[index].first = 0 }
                history.advance(&askers[index].cursor, windowMicros: askers[index].windowMicros)
                let spot = history.farthest(askers[index].cursor)
                let found = spot.map { abs($0.doubleMid - mid) }
                let told = all.first { $0.number == spot?.mark.seq }?.mid
                if told != spot?.doubleMid || told != history.farthestMid(askers[index].cursor) {
                    Issue.record("\(number): \(told ?? -1) is the mid of that line")
                }
                if found != distance(all, askers[index]) { Issue.record("\(number), \(askers[index].windowMicros): \(found ?? -1)") }
                // Some begin anew with the mid of now, as a rule does that has fired.
                guard random.below(40) == 0 else { continue }
                askers[index].cursor = history.now
                askers[index].first = all.count - 1
            }
        }
    }

    @Test func aMid_thatIsTheOneOfNow_changesNothing() {
        var history = MidHistory<LineMark>()
        history.take(10, at: mark(1, 1), keptMicros: 100)
        history.take(10, at: mark(2, 2), keptMicros: 100)
        #expect(history.pointCount == 1)
        #expect(history.last?.mark.seq == 1)
    }

    @Test func positions_countOnBeyond32Bits() {
        var queue = MidQueue<LineMark>(from: .max - 2)
        for number in 0..<6 {
            queue.append(MidPoint(doubleMid: Int64(number), mark: mark(number, 0), until: Timestamp(micros: Int64(number))))
        }
        #expect(queue.count == 6)
        #expect(queue.clamped(queue.front &- 5) == queue.front)
        #expect(queue.clamped(queue.front &+ 3) == queue.front &+ 3)
        #expect(queue.clamped(queue.end &+ 5) == queue.end)
        queue.removeFirst(upTo: Timestamp(micros: 3))
        #expect(queue.count == 2)
        #expect(queue[queue.front].doubleMid == 4)
    }

    @Test func memory_goesBack() {
        var queue = MidQueue<LineMark>()
        for number in 0..<1000 {
            queue.append(MidPoint(doubleMid: Int64(number), mark: mark(number, 0), until: Timestamp(micros: Int64(number))))
        }
        #expect(queue.capacity == 1024)
        for number in 0..<1000 { queue.removeFirst(upTo: Timestamp(micros: Int64(number))) }
        #expect(queue.capacity == 4)
    }
}

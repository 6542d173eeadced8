import TestSupport
import Testing

@testable import mkt_merge

@Suite struct MergeOrderTests {
    /// A line of a test: its time and where it came from.
    private struct Line: Equatable {
        var received: Int64
        var input: Int
        var place: Int
    }

    /// Runs recorded inputs through the order.
    private func merge(_ files: [[Int64]]) -> (lines: [Line], outOfOrder: Int64) {
        var order = MergeOrder(files.map { _ in .recorded }, windowMicros: 20, startMicros: 0)
        var places = files.map { _ in -1 }
        var lines: [Line] = []
        func advance(_ input: Int) {
            places[input] += 1
            guard places[input] < files[input].count else { return order.end(input) }
            order.arrive(input, received: files[input][places[input]], arrivedMicros: 0)
        }
        #expect(order.next(nowMicros: 0) == (files.isEmpty ? .done : .look))
        for input in files.indices { advance(input) }
        while case .take(let input) = order.next(nowMicros: 0) {
            lines.append(Line(received: files[input][places[input]], input: input, place: places[input]))
            advance(input)
        }
        #expect(order.next(nowMicros: 0) == .done)
        return (lines, order.outOfOrderCount)
    }

    /// The same by a stable sort of everything, each line at the largest time so far of its file.
    private func sorted(_ files: [[Int64]]) -> [Line] {
        var keyed: [(key: Int64, line: Line)] = []
        for (input, file) in files.enumerated() {
            var newest = Int64.min
            for (place, received) in file.enumerated() {
                newest = max(newest, received)
                keyed.append((newest, Line(received: received, input: input, place: place)))
            }
        }
        return keyed.sorted { ($0.key, $0.line.input, $0.line.place) < ($1.key, $1.line.input, $1.line.place) }.map(\.line)
    }

    @Test func recordedInputs_mergeAsAStableSortWould() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<400 {
            let span = random.pick([3, 50, 100_000])
            let files = (0..<(1 + random.below(12))).map { _ in
                var file = (0..<random.below(60)).map { _ in Int64(random.below(span)) }
                if !random.chance(3) { file.sort() }
                return file
            }
            let (lines, outOfOrder) = merge(files)
            #expect(lines == sorted(files))
            let expected = files.reduce(0) { count, file in
                count + file.indices.filter { file[$0] < file[...$0].max()! }.count
            }
            #expect(outOfOrder == Int64(expected))
        }
    }

    @Test func equalTimes_goByArgument() {
        #expect(merge([[5, 5], [5], [4, 5]]).lines.map(\.input) == [2, 0, 0, 1, 2])
    }

    @Test func extremeTimes_keepTheirOrder() {
        #expect(merge([[.min, 0, .max], [.max], [.min]]).lines.map(\.input) == [0, 2, 0, 0, 1])
    }

    // MARK: Live inputs

    private func live(_ count: Int, window: Int64 = 20) -> MergeOrder {
        var order = MergeOrder(Array(repeating: .live, count: count), windowMicros: window, startMicros: 0)
        for input in 0..<count { order.findNothing(input) }
        return order
    }

    @Test func loneLiveInput_isNeverHeldBack() {
        var order = live(1, window: .max)
        order.arrive(0, received: 5, arrivedMicros: 100)
        #expect(order.next(nowMicros: 100) == .take(0))
        order.rest(0)
        #expect(order.next(nowMicros: 100) == .look)
        order.findNothing(0)
        #expect(order.next(nowMicros: 100) == .hold(untilMicros: nil))
        order.end(0)
        #expect(order.next(nowMicros: 100) == .done)
    }

    @Test func line_waitsForASilentInput_untilTheWindowIsOver() {
        var order = live(2)
        order.arrive(0, received: 5, arrivedMicros: 100)
        #expect(order.next(nowMicros: 100) == .hold(untilMicros: 120))
        #expect(order.next(nowMicros: 119) == .hold(untilMicros: 120))
        #expect(order.next(nowMicros: 120) == .take(0))
    }

    @Test func olderLineWithinTheWindow_goesFirst() {
        var order = live(2)
        order.arrive(0, received: 5, arrivedMicros: 100)
        order.arrive(1, received: 4, arrivedMicros: 110)
        #expect(order.next(nowMicros: 110) == .take(1))
        order.rest(1)
        #expect(order.next(nowMicros: 110) == .look)
        order.findNothing(1)
        #expect(order.next(nowMicros: 119) == .hold(untilMicros: 120))
        #expect(order.next(nowMicros: 120) == .take(0))
    }

    @Test func lineAhead_goesEarly_soThatNoneBehindItIsHeldLonger() {
        var order = live(3)
        order.arrive(0, received: 5, arrivedMicros: 100)
        order.arrive(1, received: 4, arrivedMicros: 115)
        #expect(order.next(nowMicros: 115) == .hold(untilMicros: 120))
        #expect(order.next(nowMicros: 120) == .take(1))
    }

    @Test func windowOfZero_letsLinesGoAsTheyCome() {
        var order = live(2, window: 0)
        order.arrive(0, received: 5, arrivedMicros: 100)
        #expect(order.next(nowMicros: 100) == .take(0))
    }

    @Test func unseenInput_isLookedAt_evenWhenTheWindowIsOver() {
        var order = live(2)
        order.arrive(1, received: 1, arrivedMicros: 0)
        order.arrive(0, received: 5, arrivedMicros: 0)
        #expect(order.next(nowMicros: 1000) == .take(1))
        order.rest(1)
        #expect(order.next(nowMicros: 1000) == .look)
    }

    @Test func detachedOrEndedInput_isNotWaitedFor() {
        for leave in [{ (order: inout MergeOrder) in order.detach(1) }, { $0.end(1) }] {
            var order = live(2)
            order.arrive(0, received: 5, arrivedMicros: 100)
            leave(&order)
            order.findNothing(1)
            #expect(order.next(nowMicros: 100) == .take(0))
        }
    }

    @Test func newWriter_mayHaveAnEarlierClock() {
        var order = live(1)
        order.arrive(0, received: 500, arrivedMicros: 0)
        order.detach(0)
        order.arrive(0, received: 5, arrivedMicros: 0)
        #expect(order.outOfOrderCount == 0)
    }

    @Test func recordedLine_waitsForLiveOnesOnlyAtTheStart() {
        var order = MergeOrder([.recorded, .live], windowMicros: 20, startMicros: 1000)
        order.arrive(0, received: 5, arrivedMicros: 0)
        order.findNothing(1)
        #expect(order.next(nowMicros: 1000) == .hold(untilMicros: 1020))
        #expect(order.next(nowMicros: 1020) == .take(0))
        order.arrive(0, received: 6, arrivedMicros: 0)
        #expect(order.next(nowMicros: 1020) == .take(0))
        order.arrive(0, received: 60, arrivedMicros: 0)
        order.arrive(1, received: 50, arrivedMicros: 1030)
        #expect(order.next(nowMicros: 1030) == .take(1))
    }

    @Test func endedInputWithALine_leavesTheOthersInOrder() {
        var order = live(4)
        for input in 0..<4 { order.arrive(input, received: Int64(input), arrivedMicros: 0) }
        order.end(2)
        var taken: [Int] = []
        while case .take(let input) = order.next(nowMicros: 0) {
            taken.append(input)
            order.end(input)
        }
        #expect(taken == [0, 1, 3])
    }

    /// Lines are made at random times, take a random while to arrive, and somebody looks at every microsecond.
    @Test func liveInputs_giveEveryLineOnce_inOrderWithinTheWindow_andHoldNoneLonger() {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<150 {
            let window: Int64 = 20
            let delayMax = random.pick([5, 20, 60])
            let count = 2 + random.below(4)
            var arrivals: [[(received: Int64, arrives: Int64)]] = (0..<count).map { _ in
                var clock: Int64 = 0
                var last: Int64 = 0
                return (0..<random.below(40)).map { _ in
                    clock += Int64(random.below(30))
                    last = max(last, clock + Int64(random.below(delayMax + 1)))
                    return (clock, last)
                }
            }
            var order = live(count, window: window)
            var heads: [(received: Int64, arrives: Int64)?] = Array(repeating: nil, count: count)
            var out: [Int64] = []
            let total = arrivals.reduce(0) { $0 + $1.count }
            for now in Int64(0)...3000 {
                loop: while true {
                    for input in 0..<count where heads[input] == nil {
                        if let line = arrivals[input].first, line.arrives <= now {
                            heads[input] = arrivals[input].removeFirst()
                            order.arrive(input, received: line.received, arrivedMicros: line.arrives)
                        } else if arrivals[input].isEmpty, now == 3000 {
                            order.end(input)
                        } else {
                            order.findNothing(input)
                        }
                    }
                    switch order.next(nowMicros: now) {
                    case .take(let input):
                        out.append(heads[input]!.received)
                        #expect(now - heads[input]!.arrives <= window)
                        heads[input] = nil
                        order.rest(input)
                    case .look: continue
                    case .hold, .done: break loop
                    }
                }
            }
            #expect(out.count == total)
            if delayMax <= Int(window) { #expect(out == out.sorted()) }
        }
    }
}

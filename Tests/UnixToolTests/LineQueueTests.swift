import TestSupport
import Testing

@testable import UnixTool

@Suite struct LineQueueTests {
    private func offer(_ queue: inout LineQueue, _ text: String) -> Bool {
        var text = text
        return text.withUTF8 { queue.append($0) }
    }

    private func take(_ queue: inout LineQueue, _ count: Int) -> String {
        let text = String(decoding: queue.first.prefix(count), as: UTF8.self)
        queue.removeFirst(count)
        return text
    }

    @Test func line_isTakenWholeOrNotAtAll() {
        var queue = LineQueue(bytesMax: 8)
        let taken = [offer(&queue, "abc"), offer(&queue, "defg"), offer(&queue, "hij"), offer(&queue, "")]
        #expect(taken == [true, false, true, false])
        let all = take(&queue, 8)
        #expect(all == "abc\nhij\n")
    }

    @Test func emptyQueue_takesAnyLine() {
        var queue = LineQueue(bytesMax: 4)
        let isTaken = offer(&queue, "longer than four")
        #expect(isTaken)
    }

    @Test func removeFirst_countsTheLinesThatEnd() {
        var queue = LineQueue(bytesMax: 100)
        for text in ["ab", "cd", "ef"] { _ = offer(&queue, text) }
        var counts: [Int64] = []
        for count in [2, 1, 5] {
            queue.removeFirst(count)
            counts.append(queue.takenLines)
        }
        #expect(counts == [0, 1, 2])
        let left = queue.removeAll()
        #expect(left == 1)
    }

    @Test func restOfLine_isForgotten_andAWholeLineIsKept() {
        for cut in 0...9 {
            var queue = LineQueue(bytesMax: 100)
            for text in ["ab", "cd", "ef"] { _ = offer(&queue, text) }
            queue.removeFirst(cut)
            let isLost = queue.removeRestOfLine()
            #expect(isLost == (cut % 3 != 0))
            let rest = take(&queue, queue.first.count)
            let expected = ["ab\ncd\nef\n", "cd\nef\n", "cd\nef\n", "cd\nef\n", "ef\n", "ef\n", "ef\n", "", "", ""][cut]
            #expect(rest == expected, "cut \(cut)")
        }
    }

    /// A line may lie across several pieces of memory.
    @Test func restOfALongLine_isForgotten() {
        var queue = LineQueue(bytesMax: 4 << 20)
        _ = offer(&queue, String(repeating: "x", count: 1 << 20))
        _ = offer(&queue, "next")
        queue.removeFirst(10)
        _ = queue.removeRestOfLine()
        let rest = take(&queue, queue.first.count)
        #expect(rest == "next\n")
    }

    @Test func oursAreNotCounted_andAlwaysFit() {
        var queue = LineQueue(bytesMax: 6)
        let isTaken = offer(&queue, "abcde")
        var ours = "us"
        ours.withUTF8 { queue.append(ours: $0) }
        let more = offer(&queue, "x")
        #expect(isTaken && !more)
        queue.removeFirst(9)
        let taken = queue.takenLines
        #expect(taken == 1)
        _ = offer(&queue, "fg")
        ours.withUTF8 { queue.append(ours: $0) }
        let left = queue.removeAll()
        #expect(left == 1)
    }

    @Test func isRoomy_belowHalf() {
        var queue = LineQueue(bytesMax: 8)
        let atFirst = queue.isRoomy
        _ = offer(&queue, "ab")
        let below = queue.isRoomy
        _ = offer(&queue, "")
        let atHalf = queue.isRoomy
        #expect([atFirst, below, atHalf] == [true, true, false])
    }
}

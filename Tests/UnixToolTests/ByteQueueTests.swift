import TestSupport
import Testing

@testable import UnixTool

@Suite struct ByteQueueTests {
    private func append(_ queue: inout ByteQueue, _ bytes: [UInt8]) { bytes.withUnsafeBytes { queue.append($0) } }

    /// Random appends and removals of all sizes beside an array that does the same.
    @Test func bytes_comeOutAsTheyWentIn_inSeveralPieces() {
        var chance = SeededGenerator(seed: 11)
        var queue = ByteQueue()
        var model: [UInt8] = []
        var mostPieces = 0
        for step in 0..<1500 {
            let isGrowing = step / 500 % 2 == 0
            if chance.chance(3) == !isGrowing {
                let size = chance.pick([0, 1, 100, 5000, 70_000])
                let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ step) }
                append(&queue, bytes)
                model += bytes
            } else {
                let size =
                    chance.chance(isGrowing ? 100 : 4)
                    ? queue.first.count : min(queue.first.count, chance.below(isGrowing ? 10_000 : 100_000))
                let isSame = queue.first.prefix(size).elementsEqual(model.prefix(size))
                #expect(isSame)
                queue.removeFirst(size)
                model.removeFirst(size)
            }
            let (count, held) = (queue.count, queue.heldBytes)
            mostPieces = max(mostPieces, held / ByteQueue.pieceBytes)
            #expect(count == model.count)
            #expect(held <= count + 3 * ByteQueue.pieceBytes)
            if step % 100 == 0 {
                let lines = queue.lineCount
                #expect(lines == model.reduce(into: 0) { if $1 == 10 { $0 += 1 } })
            }
        }
        #expect(mostPieces > 5)
    }

    @Test func emptyQueue_holdsOnePieceAtMost_andNoneBeforeItsFirstByte() {
        var queue = ByteQueue()
        let atFirst = (queue.heldBytes, queue.first.count)
        #expect(atFirst == (0, 0))
        append(&queue, [UInt8](repeating: 1, count: 3 << 20))
        while queue.count > 0 { queue.removeFirst(queue.first.count) }
        let atLast = queue.heldBytes
        #expect(atLast == ByteQueue.pieceBytes)
        for _ in 0..<3 {
            append(&queue, [1, 2])
            queue.removeFirst(1)
            queue.removeFirst(1)
        }
        let later = queue.heldBytes
        #expect(later == ByteQueue.pieceBytes)
    }
}

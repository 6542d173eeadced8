import Testing

@testable import JSON

@Suite struct ByteBufferTests {
    @Test func growing_keepsWhatWasWritten() {
        var buffer = ByteBuffer(capacity: 0)
        var expected: [UInt8] = []
        for index in 0..<5000 {
            let piece = [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: index % 7)
            buffer.append(piece)
            expected += piece
        }
        #expect(Array(buffer.bytes) == expected)
        #expect(buffer.count == expected.count)
    }

    @Test func removeFirst_movesTheRestToTheFront() {
        var buffer = ByteBuffer()
        buffer.append("abcdef")
        buffer.removeFirst(2)
        #expect(buffer.text.string == "cdef")
        buffer.removeFirst(0)
        buffer.removeFirst(4)
        #expect(buffer.count == 0)
        buffer.append(utf8: "é")
        #expect(buffer.text.string == "é")
    }

    @Test func giveBack_keepsWhatIsLeft_andWhatIsOftenNeeded() {
        var buffer = ByteBuffer()
        for _ in 0..<(3 << 20) { buffer.append(UInt8(ascii: "x")) }
        buffer.giveBack()
        #expect(buffer.count == 3 << 20 && buffer.capacity >= 3 << 20, "it is full")
        buffer.append("end")
        buffer.removeFirst(3 << 20)
        buffer.giveBack()
        #expect(buffer.text.string == "end" && buffer.capacity < ByteBuffer.keptBytes)
        for _ in 0..<(1 << 20) { buffer.append(UInt8(ascii: "y")) }
        #expect(buffer.count == 3 + (1 << 20) && buffer.text.string.hasPrefix("endyy"))
        var small = ByteBuffer(capacity: ByteBuffer.keptBytes)
        small.giveBack()
        #expect(small.capacity == ByteBuffer.keptBytes, "nothing huge")
    }

    @Test func truncate_forgetsTheEnd() {
        var buffer = ByteBuffer()
        buffer.append("abcdef")
        buffer.truncate(to: 3)
        buffer.append(UInt8(ascii: "x"))
        #expect(buffer.text.string == "abcx")
        buffer.removeAll()
        #expect(buffer.count == 0)
    }

    @Test func spareAndCommit_takeBytesFromOutside() {
        var buffer = ByteBuffer(capacity: 64)
        let room = buffer.spare(100_000)
        for index in 0..<100_000 { room[index] = UInt8(truncatingIfNeeded: index) }
        buffer.commit(99_999)
        #expect(buffer.count == 99_999)
        #expect(buffer.bytes[65_000] == UInt8(truncatingIfNeeded: 65_000))
    }

    @Test func emptyPieces_changeNothing() {
        var buffer = ByteBuffer()
        buffer.append([UInt8]())
        buffer.append(UnsafeBufferPointer<UInt8>(start: nil, count: 0))
        buffer.append("")
        buffer.append(utf8: "")
        #expect(buffer.count == 0)
    }
}

import TestSupport
import Testing

@testable import UnixTool

@Suite struct LineSplitterTests {
    enum Piece: Equatable {
        case line(String)
        case unterminated(String)
        case tooLong(Int)
    }

    /// Every piece that is here; before each, what is behind the next line is what a simple search finds.
    ///
    /// - Parameter fed: All bytes of the stream so far.
    private func drain(_ splitter: inout LineSplitter, _ fed: [UInt8], into pieces: inout [Piece]) {
        while true {
            let rest = Array(fed.suffix(splitter.pendingCount))
            let behind = rest.firstIndex(of: 0x0A).map { Array(rest[($0 + 1)...]) }
            #expect(Array(splitter.behindNext()) == behind ?? [])
            switch splitter.next() {
            case .line(let bytes): pieces.append(.line(String(decoding: bytes, as: UTF8.self)))
            case .unterminated(let bytes): pieces.append(.unterminated(String(decoding: bytes, as: UTF8.self)))
            case .tooLong(let bytes): pieces.append(.tooLong(bytes))
            case .none: return
            }
        }
    }

    private func feed(_ splitter: inout LineSplitter, _ bytes: some Collection<UInt8>) {
        let room = splitter.spare(bytes.count)
        for (index, byte) in bytes.enumerated() { room[index] = byte }
        splitter.commit(bytes.count)
    }

    /// - Parameter isHandedOver: Whether another memory goes on after every chunk.
    private func pieces(
        _ chunks: [[UInt8]], lineBytesMax: Int = 1 << 20, isDrainedBetween: Bool = true, isHandedOver: Bool = false
    ) -> [Piece] {
        var splitter = LineSplitter(lineBytesMax: lineBytesMax, capacity: 64)
        var other = LineSplitter(lineBytesMax: lineBytesMax, capacity: 64)
        var pieces: [Piece] = []
        var fed: [UInt8] = []
        for chunk in chunks {
            feed(&splitter, chunk)
            fed += chunk
            if isDrainedBetween { drain(&splitter, fed, into: &pieces) }
            guard isHandedOver else { continue }
            swap(&splitter, &other)
            other.handRest(to: &splitter)
            #expect(other.pendingCount == 0)
        }
        drain(&splitter, fed, into: &pieces)
        splitter.end()
        drain(&splitter, fed, into: &pieces)
        drain(&splitter, fed, into: &pieces)
        #expect(splitter.pendingCount == 0)
        return pieces
    }

    /// What a simple split gives.
    private func expected(_ text: [UInt8], lineBytesMax: Int) -> [Piece] {
        var lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
        let last = lines.removeLast()
        var pieces = lines.map { $0.count > lineBytesMax ? Piece.tooLong($0.count) : .line(String(decoding: $0, as: UTF8.self)) }
        if last.count > lineBytesMax {
            pieces.append(.tooLong(last.count))
        } else if !last.isEmpty {
            pieces.append(.unterminated(String(decoding: last, as: UTF8.self)))
        }
        return pieces
    }

    @Test(arguments: [
        "", "\n", "\n\n", "a", "a\n", "a\nb", "a\nbb\nccc\n", "\na\n\nb", "{\"v\":1}\r\n{\"v\":1}\n", "12345678\n", "123456789\n",
        "123456789",
        "12345678901234567890\nab\n", "ab\n12345678901234567890", "12345678901234567890\n12345678901234567890\nab",
        "12345678\n123456789\n1\n",
        "123456789\n\n\n123456789",
    ])
    func lines_areTheSame_whereverThePiecesEnd(_ text: String) {
        let bytes = Array(text.utf8)
        for lineBytesMax in [8, 1 << 20] {
            let expected = expected(bytes, lineBytesMax: lineBytesMax)
            #expect(pieces([bytes], lineBytesMax: lineBytesMax) == expected)
            #expect(pieces(bytes.map { [$0] }, lineBytesMax: lineBytesMax) == expected)
            #expect(pieces(bytes.map { [$0] }, lineBytesMax: lineBytesMax, isDrainedBetween: false) == expected)
            for cut in 0...bytes.count {
                let halves = [Array(bytes[..<cut]), Array(bytes[cut...])]
                #expect(pieces(halves, lineBytesMax: lineBytesMax) == expected, "cut at \(cut)")
                #expect(pieces(halves, lineBytesMax: lineBytesMax, isDrainedBetween: false) == expected, "cut at \(cut)")
            }
        }
    }

    @Test func randomStreams_areSplitAsBySimpleSplit() {
        var random = SeededGenerator(seed: 50)
        for round in 0..<3000 {
            let text = (0..<random.below(120)).map { _ in random.below(6) == 0 ? UInt8(0x0A) : UInt8(0x61 + random.below(3)) }
            var chunks: [[UInt8]] = []
            var rest = text[...]
            while !rest.isEmpty {
                let count = 1 + random.below(30)
                chunks.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            let lineBytesMax = random.pick([3, 10, 1000])
            let isDrained = random.below(2) == 0
            #expect(
                pieces(chunks, lineBytesMax: lineBytesMax, isDrainedBetween: isDrained, isHandedOver: random.chance(2))
                    == expected(text, lineBytesMax: lineBytesMax), "round \(round)")
        }
    }

    @Test func oneLineAtATime_isTakenBetweenFeeds() {
        var random = SeededGenerator(seed: 51)
        for _ in 0..<300 {
            var splitter = LineSplitter(capacity: 64)
            var fed: [String] = []
            var got: [String] = []
            for index in 0..<60 {
                let line = String(repeating: "x", count: random.below(40)) + "\(index)"
                fed.append(line)
                feed(&splitter, Array((line + "\n").utf8))
                // Fewer taken than fed: what waits must survive every move of the memory.
                if random.below(3) > 0, case .line(let bytes) = splitter.next() { got.append(String(decoding: bytes, as: UTF8.self)) }
            }
            while case .line(let bytes) = splitter.next() { got.append(String(decoding: bytes, as: UTF8.self)) }
            #expect(got == fed)
        }
    }

    @Test func lineOfExactlyTheLongestLength_isALine() {
        let line = [UInt8](repeating: 0x61, count: LineSplitter.lineBytesMax)
        #expect(pieces([line + [0x0A]], lineBytesMax: LineSplitter.lineBytesMax) == [.line(String(decoding: line, as: UTF8.self))])
        #expect(pieces([line, [0x61, 0x0A]], lineBytesMax: LineSplitter.lineBytesMax) == [.tooLong(line.count + 1)])
    }

    @Test func endlessLine_keepsNoMemory() {
        var splitter = LineSplitter(lineBytesMax: 1000, capacity: 64)
        for _ in 0..<1000 {
            feed(&splitter, [UInt8](repeating: 0x61, count: 700))
            guard case .none = splitter.next() else { return #expect(Bool(false), "a line came of nothing") }
            #expect(splitter.pendingCount <= 1000)
        }
        let ending = Array("\nok\n".utf8)
        feed(&splitter, ending)
        var pieces: [Piece] = []
        drain(&splitter, [UInt8](repeating: 0x61, count: 700_000) + ending, into: &pieces)
        #expect(pieces == [.tooLong(700_000), .line("ok")])
    }
}

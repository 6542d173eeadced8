import JSON
import TestSupport
import Testing

@testable import MarketModel

/// What one decoder reads and another takes up is what that one would have read itself: values, levels, numbers, faults.
@Suite struct DecodedLinesTests {
    /// Everything that can be asked of a decoder after a line.
    private struct Answers: Equatable {
        var fault: EventError?
        var kind: EventKind?
        var received: Timestamp
        var sequence: Int64
        var origin: Int?
        var levels: [[Level]]
        /// By field: where its text stands, how long it is, of which kind, and whether it has escapes.
        var values: [[Int]?]

        init(_ decoder: borrowing EventDecoder, _ fault: EventError?) {
            self.fault = fault
            (kind, received, sequence, origin) = (decoder.kind, decoder.received, decoder.bookSequence, decoder.originNumber)
            levels = [decoder.bids, decoder.asks]
            values = EventField.allCases.map { field in
                decoder.value(field).map { value in
                    [Int(bitPattern: value.text.base), value.text.count, Int(value.kind.rawValue), value.text.hasEscapes ? 1 : 0]
                }
            }
        }
    }

    /// Lines of all kinds, whole and damaged, many of the same origins.
    private func lines(_ seed: UInt64, count: Int) -> [[UInt8]] {
        var generator = SeededGenerator(seed: seed)
        let damage: [(key: String, value: String)] = [
            ("bids", "{}"), ("bids", "[[0.5,1],[0.5,2]]"), ("asks", "[[2,1]]"), ("seq", "0"), ("seq", "null"), ("recv_us", "\"7\""),
            ("v", "2"),
            ("type", "\"new_type\""), ("label", "\"a\\\"b\""), ("feed", "7"), ("note", "\"x\""), ("build", "[1,{\"a\":null}]"),
        ]
        return (0..<count).map { _ in
            var line = Array(EventLines.line(generator.pick(EventKind.allCases)).utf8.dropLast())
            switch generator.below(4) {
            case 0:
                var parts = generator.chance(2) ? LineParts.delta : .trade
                for _ in 0...generator.below(3) {
                    let (key, value) = generator.pick(damage)
                    if generator.chance(3) { parts.keys.append((key, value)) }
                    if let at = parts.keys.firstIndex(where: { $0.key == key }) { parts.keys[at].value = value }
                }
                if let at = parts.keys.firstIndex(where: { $0.key == "instrument" }) { parts.keys[at].value = "\"I\(generator.below(5))\"" }
                line = Array(parts.line.utf8)
            case 1: line[generator.below(line.count)] = UInt8(truncatingIfNeeded: generator.next())
            case 2: line.removeSubrange(generator.below(line.count)...)
            default: break
            }
            return line
        }
    }

    @Test(arguments: 1...20)
    func lineThatWasTakenUp_isAsIfReadHere(_ seed: UInt64) {
        var here = EventDecoder()
        var there = EventDecoder()
        var taker = EventDecoder()
        var decoded = DecodedLines()
        var generator = SeededGenerator(seed: seed ^ 0xABCD)
        var faults = 0
        for _ in 0..<10 {
            decoded.removeAll()
            let bytes = lines(generator.next(), count: generator.below(40)).map { line in
                let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(line.count, 1))
                _ = copy.initialize(from: line)
                return UnsafeBufferPointer(rebasing: copy[..<line.count])
            }
            defer { for line in bytes { line.deallocate() } }
            for line in bytes { there.decodeEvent(line, onto: &decoded) }
            #expect(decoded.count == bytes.count)
            for (index, line) in bytes.enumerated() {
                var (expected, found): (EventError?, EventError?)
                do throws(EventError) { try here.decodeEvent(line) } catch { expected = error }
                do throws(EventError) { try taker.take(index, of: decoded) } catch { found = error }
                faults += expected == nil ? 0 : 1
                #expect(Answers(taker, found) == Answers(here, expected), "\(String(decoding: line, as: UTF8.self))")
                #expect(decoded.bytes(index).baseAddress == line.baseAddress && decoded.bytes(index).count == line.count)
            }
        }
        #expect(faults > 20)
    }

    @Test func everyField_isCarriedOver() throws {
        let line =
            "{\"v\":1,\"type\":\"x\",\"recv_us\":1,"
            + EventField.allCases.dropFirst(2).filter { $0 != .recvUs }.map { "\"\($0.name)\":\"\($0.rawValue)\"" }.joined(separator: ",")
            + "}"
        var bytes = Array(line.utf8)
        try bytes.withUnsafeMutableBufferPointer { bytes in
            var decoder = EventDecoder()
            var taker = EventDecoder()
            var decoded = DecodedLines()
            decoder.decodeEvent(UnsafeBufferPointer(bytes), onto: &decoded)
            try taker.take(0, of: decoded)
            for field in EventField.allCases.dropFirst(2) where field != .recvUs {
                #expect(try taker.requireText(field).string == "\(field.rawValue)")
            }
        }
    }

    @Test func moreThanMemoryIsKeptFor_isAllThere() throws {
        let levels = (1...60_000).map { "[0.\($0 + 100_000),\($0)]" }.joined(separator: ",")
        let line = Array(LineParts.delta.with("asks", "[\(levels)]").utf8)
        try line.withUnsafeBufferPointer { line in
            var decoder = EventDecoder()
            var taker = EventDecoder()
            var decoded = DecodedLines()
            for _ in 0..<3 {
                decoded.removeAll()
                for _ in 0..<2 { decoder.decodeEvent(line, onto: &decoded) }
                try taker.take(1, of: decoded)
                #expect(taker.asks.count == 60_000 && taker.asks == decoder.asks && taker.bids == decoder.bids)
            }
        }
    }
}

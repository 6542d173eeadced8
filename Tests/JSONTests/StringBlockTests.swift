import TestSupport
import Testing

@testable import JSON

/// A block of sixteen bytes against one look at each of them, for every byte at every place.
@Suite struct StringBlockTests {
    private let page = GuardedPage()

    private static func isPlain(_ byte: UInt8) -> Bool { (0x20..<0x80).contains(byte) && byte != 0x22 && byte != 0x5C }

    private func block(_ bytes: [UInt8]) -> StringBlock { StringBlock(page.place(bytes).baseAddress!) }

    @Test func everyByte_atEveryPlace() {
        for place in 0..<16 {
            for byte in UInt8.min ... .max {
                var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 16)
                bytes[place] = byte
                let block = block(bytes)
                let isRight = block.plainCount == (Self.isPlain(byte) ? 16 : place)
                let mayNeedEscape = !Self.isPlain(byte) || byte == 0x7F
                if !isRight || block.escapelessCount != (mayNeedEscape ? place : 16) || StringBlock.isPlain(byte) != Self.isPlain(byte) {
                    Issue.record("\(byte) at \(place)")
                }
            }
        }
    }

    @Test func twoBytesThatAreNotPlain_theFirstCounts_fromAnyPlaceOn() {
        let special: [UInt8] = [0x00, 0x1F, 0x22, 0x5C, 0x80, 0xFF]
        for (first, second) in [(special[0], special[2]), (special[3], special[2]), (special[2], special[5]), (special[4], special[1])] {
            for one in 0..<16 {
                for other in one..<16 {
                    var bytes = [UInt8](repeating: UInt8(ascii: "z"), count: 16)
                    bytes[other] = second
                    bytes[one] = first
                    let block = block(bytes)
                    for start in 0..<16 {
                        let meant = (start..<16).first { !Self.isPlain(bytes[$0]) } ?? 16
                        if block.plainCount(from: start) != meant { Issue.record("\(one) \(other) from \(start)") }
                    }
                    #expect(block.plainCount == one)
                }
            }
        }
    }

    @Test func bytes_arePutDownAsTheyStand() {
        let bytes = (0..<16).map { UInt8($0 * 17) }
        var target = [UInt8](repeating: 0, count: 16)
        let block = block(bytes)
        target.withUnsafeMutableBufferPointer { block.store(to: $0.baseAddress!) }
        #expect(target == bytes)
    }
}

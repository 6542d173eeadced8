import TestSupport
import Testing

@testable import mkt_sink

@Suite struct CRC32CTests {
    private func checksum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBufferPointer { CRC32C.extend(0, $0) } }

    @Test func theExamplesOfRFC3720() {
        #expect(checksum(Array(repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(checksum(Array(repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(checksum(Array(0..<32)) == 0x46DD_794E)
        #expect(checksum(Array((0..<32).reversed())) == 0x113F_DB5C)
        #expect(checksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(checksum([]) == 0)
    }

    /// Bit by bit, as the polynomial is written down.
    private func slow(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = .max
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
        }
        return ~value
    }

    @Test func piecesOfAnyLength_giveTheChecksumOfTheWhole() {
        var random = SeededGenerator(seed: 7)
        for length in 0..<70 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(checksum(bytes) == slow(bytes))
            let cut = Int.random(in: 0...length, using: &random)
            let first = bytes[..<cut].withUnsafeBufferPointer { CRC32C.extend(0, $0) }
            #expect(bytes[cut...].withUnsafeBufferPointer { CRC32C.extend(first, $0) } == slow(bytes))
        }
    }
}

import TestSupport
import Testing

@testable import JSON

/// Digits against the library's, where their number changes and at random.
@Suite struct DigitTextTests {
    private let page = GuardedPage()

    private func text(_ put: (UnsafeMutablePointer<UInt8>) -> Int) -> String {
        var room = [UInt8](repeating: 0, count: DigitText.roomMax)
        let count = room.withUnsafeMutableBufferPointer { put($0.baseAddress!) }
        return String(decoding: room[..<count], as: UTF8.self)
    }

    @Test func numbersAroundEveryPowerOfTen_andAtRandom() {
        var values: [Int64] = [0, .min, .max]
        var power: Int64 = 1
        for _ in 0..<19 {
            values += [power - 1, power, power + 1, power / 2 * 3, -power]
            power = power.multipliedReportingOverflow(by: 10).partialValue
        }
        var random = SeededGenerator(seed: 12)
        for _ in 0..<50_000 { values.append(Int64(bitPattern: random.next()) >> Int64(random.below(64))) }
        for value in values where text({ DigitText.put(integer: value, to: $0) }) != String(value) { Issue.record("\(value)") }
    }

    @Test func everyNumberOfFourDigits_inBothHalves() {
        for value in UInt32(0)..<10_000 {
            let padded = String(repeating: "0", count: 4 - String(value).count) + String(value)
            for (number, meant) in [(value, "0000" + padded), (value * 10_000, padded + "0000")] {
                let eight = withUnsafeBytes(of: DigitText.eight(number).littleEndian) { String(decoding: $0, as: UTF8.self) }
                if eight != meant { Issue.record("\(number)") }
            }
        }
    }

    @Test func fractionsOfAMillion() {
        for fraction in stride(from: Int64(0), to: 1_000_000, by: 13) {
            let digits = String(1_000_000 + fraction).dropFirst()
            let trimmed = String(digits.reversed().drop { $0 == "0" }.reversed())
            let meant = fraction == 0 ? "7" : "7." + trimmed
            if text({ DigitText.put(millionths: 7_000_000 + fraction, to: $0) }) != meant { Issue.record("\(fraction)") }
        }
    }

    @Test func eightBytes_areDigitsOrNothing() {
        for place in 0..<8 {
            for byte in UInt8.min ... .max {
                var bytes = Array("90817263".utf8)
                bytes[place] = byte
                let meant = (0x30...0x39).contains(byte) ? UInt32(String(decoding: bytes, as: UTF8.self)) : nil
                if DigitText.eight(at: page.place(bytes).baseAddress!) != meant { Issue.record("\(byte) at \(place)") }
            }
        }
    }
}

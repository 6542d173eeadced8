import TestSupport
import Testing

@testable import pm_feed

/// Numbers in order, without binary fractions.
@Suite struct DecimalTextTests {
    @Test func numbers_areInTheOrderOfTheirValue_notOfTheirText() {
        let rising = ["0", "0.000001", "0.5", "0.51", "1.05", "1.5", "2", "9", "9.99", "10", "79945.98005599984", "100000"]
        for (left, lower) in rising.enumerated() {
            for (right, higher) in rising.enumerated() {
                #expect(DecimalText.precedes(lower, higher) == (left < right), "\(lower) \(higher)")
            }
        }
    }

    @Test func spellingsOfOneNumber_areEqual() {
        for group in [["1.5", "1.50", "01.5", "1.500000"], ["0", "0.0", "", "00", ".0", "0."], ["7", "7.0", "007"]] {
            for left in group {
                for right in group { #expect(!DecimalText.precedes(left, right), "'\(left)' '\(right)'") }
            }
        }
    }

    @Test(arguments: ["", "-5", "1e9", "x", "1.2.3", "٣", "1,5", "null", "."]) func whatIsNoPlainNumber_ranksLast(text: String) {
        #expect(DecimalText.precedes(text, "0.000001") && !DecimalText.precedes("0", text))
    }

    @Test func moreDigitsThanAnyMachineNumber_areCompared() {
        #expect(DecimalText.precedes("123456789012345678901234567890.1", "123456789012345678901234567890.2"))
        #expect(DecimalText.precedes("0.10000000000000000001", "0.10000000000000000002"))
    }

    @Test func randomNumbers_areOrderedAsTheirMillionths() {
        var chance = SeededGenerator(seed: 4)
        for _ in 0..<3000 {
            let values = (0..<2).map { _ in chance.below(chance.pick([30, 3_000_000, 2_000_000_000])) }
            let texts = values.map { value in
                let fraction = String(1_000_000 + value % 1_000_000).dropFirst()
                return "\(value / 1_000_000).\(chance.chance(2) ? String(fraction) : String(fraction) + "00")"
            }
            #expect(DecimalText.precedes(texts[0], texts[1]) == (values[0] < values[1]), "\(texts)")
        }
    }
}

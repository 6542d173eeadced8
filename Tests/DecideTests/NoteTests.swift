import TestSupport
import Testing

@testable import mkt_decide

/// Notes spell numbers as `ExactText` does, which works on text and shares no code with them.
@Suite struct NoteTests {
    private static func values() -> [Int64] {
        var random = SeededGenerator(seed: 21)
        var values: [Int64] = [0, 1, -1, 9, 10, 999_999, 1_000_000, 1_000_001, 10_000_000, .max, .min, .max / 5, .min / 5, .max / 5 + 1]
        for _ in 0..<5000 { values.append(Int64(bitPattern: random.next()) >> Int64(random.below(64))) }
        return values
    }

    @Test func numbers_areSpelledExactly() {
        for value in NoteTests.values() {
            let wide = Int128(value) * 1000
            let note: Note = "\(millionths: value)|\(half: value)|\(value)|\(Int128(value), decimals: 12)|\(wide, decimals: 12)"
            let expected = [
                ExactText.millionths(value), ExactText.half(value), String(value), ExactText.decimal(Int128(value), decimals: 12),
                ExactText.decimal(wide, decimals: 12),
            ]
            if note.text != expected.joined(separator: "|") { Issue.record("\(value): \(note.text)") }
        }
    }

    @Test func aNote_mayBeOfAnyLength() {
        for count in [0, 1, 159, 160, 161, 400] {
            let words = String(repeating: "é", count: count / 2) + String(repeating: "x", count: count % 2)
            let note: Note = "\(words)\(7)\(words)"
            #expect(note.text == words + "7" + words)
        }
        #expect(("plain" as Note).text == "plain")
    }
}

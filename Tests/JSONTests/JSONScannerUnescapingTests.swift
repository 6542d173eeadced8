import CProcessor
import TestSupport
import Testing

@testable import JSON

/// Checking and unescaping in one pass, against the two passes that it stands for. Every text ends where memory ends.
@Suite struct JSONScannerUnescapingTests {
    private let page = GuardedPage()

    private static let telling: [UInt8] =
        [0x22, 0x5C, 0x5C, 0x5C, 0x2F, 0x62, 0x6E, 0x75, 0x64, 0x44, 0x38, 0x63, 0x30, 0x00, 0x1F, 0x20, 0x7F]
        + [0x80, 0xBF, 0xC2, 0xA9, 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x98, 0x80, 0xFF]

    /// What a text gives: its characters and where the reader stands then, or the error.
    private struct Outcome: Equatable {
        var characters: [UInt8] = []
        var offset = 0
        var error: JSONError?
    }

    /// In one pass: with narrow blocks, and with wide ones where the processor has them; both must give the same.
    private func inOnePass(_ text: [UInt8]) -> Outcome {
        let narrow = inOnePass(text, isWide: false)
        if mkt_can_unescape(), inOnePass(text, isWide: true) != narrow { Issue.record("wide blocks differ: \(text)") }
        return narrow
    }

    private func inOnePass(_ text: [UInt8], isWide: Bool) -> Outcome {
        var scanner = JSONScanner(page.place(text))
        var buffer = ByteBuffer(capacity: 0)
        do throws(JSONError) {
            try scanner.takeString(unescapedOnto: &buffer, isWide: isWide)
            return Outcome(characters: Array(buffer.bytes), offset: scanner.offset)
        } catch { return Outcome(error: error) }
    }

    private func inTwo(_ text: [UInt8]) -> Outcome {
        var scanner = JSONScanner(page.place(text))
        var buffer = ByteBuffer(capacity: 0)
        do throws(JSONError) {
            let inside = try scanner.string()
            buffer.append(unescaping: inside)
            return Outcome(characters: Array(buffer.bytes), offset: scanner.offset)
        } catch { return Outcome(error: error) }
    }

    @Test func everyByte_atEveryPlace_isTakenAsByTheLongWay() {
        for length in Array(0...40) + [61, 62, 63, 64, 65, 66, 127, 128, 130] {
            for place in 0..<max(length, 1) {
                for byte in UInt8.min ... .max {
                    var text = [UInt8](repeating: UInt8(ascii: "x"), count: length + 2)
                    (text[0], text[length + 1]) = (0x22, 0x22)
                    text[place + 1] = byte
                    if inOnePass(text) != inTwo(text) { Issue.record("\(length) \(place) \(byte)") }
                }
            }
        }
    }

    @Test func everyEscape_atEveryPlace_andCutAtEveryPlace() {
        for escape in [#"\""#, #"\\"#, #"\/"#, #"\n"#, #"\u20ac"#, #"\ud83d\ude00"#, #"\ud83d"#, #"\x"#, "é", #"\\\""#, #"\"\"\""#] {
            for place in Array(0...34) + Array(58...66) + Array(122...130) {
                let lead = String(repeating: "a", count: place)
                let text = Array("\"\(lead)\(escape)tail that is longer than a block\" , \"next\"".utf8)
                for cut in 1...text.count {
                    let piece = Array(text[..<cut])
                    if inOnePass(piece) != inTwo(piece) { Issue.record("\(escape) \(place) \(cut)") }
                }
            }
        }
    }

    @Test func randomText_isTakenAsByTheLongWay() {
        var random = SeededGenerator(seed: 11)
        for round in 0..<100_000 {
            var text: [UInt8] = [0x22]
            // Some are nearly all telling, some hardly.
            let (length, rarity) = (random.below(round % 4 == 0 ? 200 : 60), random.pick([2, 4, 4, 30]))
            for _ in 0..<length {
                let isTelling = random.below(rarity) == 0
                text.append(isTelling ? random.pick(Self.telling) : UInt8(ascii: "a") + UInt8(random.below(26)))
            }
            text.append(0x22)
            let (one, two) = (inOnePass(text), inTwo(text))
            if one != two { Issue.record("round \(round): \(text)") }
        }
    }

    @Test func runsOfBackslashes_endWhereTheyEnd_acrossBlocks() {
        for lead in stride(from: 0, to: 70, by: 3) {
            for run in 0...140 where run < 6 || run > 60 {
                for tail in ["\"", "\"\"", "a\"", "n\"", "/\"", "\u{1}\"", "é\"", ""] {
                    let text = Array(("\"" + String(repeating: "a", count: lead) + String(repeating: "\\", count: run) + tail).utf8)
                    if inOnePass(text) != inTwo(text) { Issue.record("\(lead) \(run) \(tail)") }
                }
            }
        }
    }

    @Test func string_losesWhatTheBufferHeld() throws {
        var scanner = JSONScanner(page.place(Array(#""a\"b""#.utf8)))
        var buffer = ByteBuffer(capacity: 0)
        buffer.append("what was there before")
        let inside = try scanner.string(unescapedInto: &buffer)
        #expect(inside.array == Array(#"a"b"#.utf8))
    }

    @Test(arguments: ["5", "null", "", "{}", "  [", "true"])
    func otherValues_areRefused(_ text: String) {
        #expect(inOnePass(Array(text.utf8)) == inTwo(Array(text.utf8)))
        #expect(inOnePass(Array(text.utf8)).error != nil)
    }

    @Test func textInsideText_keepsItsOwnEscapes() {
        let line = #"  "{\"a\":\"\\u00e9\\n\",\"b\":\"\\\\\"}\n" "#
        #expect(String(decoding: inOnePass(Array(line.utf8)).characters, as: UTF8.self) == #"{"a":"\u00e9\n","b":"\\"}"# + "\n")
    }
}

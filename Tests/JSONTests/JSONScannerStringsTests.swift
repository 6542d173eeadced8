import JSON
import TestSupport
import Testing

/// Strings against a slow reader that shares no idea with ours, at every place relative to the eight-byte words.
@Suite struct JSONScannerStringsTests {
    private let page = GuardedPage()

    /// Bytes that matter in strings, each much likelier than by chance.
    private static let telling: [UInt8] =
        [0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74, 0x75, 0x75, 0x64, 0x44, 0x38, 0x39, 0x63, 0x43, 0x46, 0x30]
        + [0x00, 0x1F, 0x20, 0x21, 0x23, 0x5B, 0x5D, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF]
        + [0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF]

    @Test func randomStrings_agreeWithTheSlowReader() {
        var random = SeededGenerator(seed: 3)
        for round in 0..<200_000 {
            var text: [UInt8] = [0x22]
            for _ in 0..<random.below(14) {
                text.append(random.below(6) == 0 ? UInt8(truncatingIfNeeded: random.next()) : random.pick(Self.telling))
            }
            if random.below(8) > 0 { text.append(0x22) }
            if Walks.accepts(page.place(text)) != SlowJSON.accepts(text) { Issue.record("round \(round): \(text)") }
        }
    }

    @Test func wellFormedRandomStrings_giveTheCharactersTheyStandFor() throws {
        var random = SeededGenerator(seed: 4)
        for round in 0..<20_000 {
            let (spelled, meant) = Self.string(&random, pieces: random.below(10))
            var scanner = JSONScanner(page.place(Array("\"\(spelled)\"".utf8)))
            let text = try scanner.string()
            try scanner.finish()
            if text.string != meant { Issue.record("round \(round): \(spelled)") }
            if text.hasEscapes != spelled.contains("\\") { Issue.record("round \(round): \(spelled)") }
        }
    }

    /// A well-formed inside of a string, and what it stands for.
    static func string(_ random: inout SeededGenerator, pieces: Int) -> (spelled: String, meant: String) {
        let escapes = ["\\\"": "\"", "\\\\": "\\", "\\/": "/", "\\b": "\u{8}", "\\f": "\u{C}", "\\n": "\n", "\\r": "\r", "\\t": "\t"]
            .sorted { $0.key < $1.key }
        var (spelled, meant) = ("", "")
        for _ in 0..<pieces {
            guard random.below(4) > 0 else {
                let escape = random.pick(escapes)
                spelled += escape.key
                meant += escape.value
                continue
            }
            let scalar = self.scalar(&random)
            meant.unicodeScalars.append(scalar)
            if random.below(2) == 0 || scalar.value < 0x20 || scalar == "\"" || scalar == "\\" {
                for unit in UTF16.encode(scalar)! { spelled += hex(unit, isUpper: random.below(2) == 0) }
            } else {
                spelled.unicodeScalars.append(scalar)
            }
        }
        return (spelled, meant)
    }

    private static func scalar(_ random: inout SeededGenerator) -> Unicode.Scalar {
        let limits: [UInt32] = [0x20, 0x80, 0x800, 0x10000, 0x110000]
        while true {
            let value = UInt32(random.below(Int(random.pick(limits))))
            if let scalar = Unicode.Scalar(value) { return scalar }
        }
    }

    private static func hex(_ unit: UInt16, isUpper: Bool) -> String {
        let digits = String(unit, radix: 16, uppercase: isUpper)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    @Test func everyByte_atEveryPlaceOfAWord_isJudgedAlike() {
        for byte in UInt8.min...UInt8.max {
            for before in 0..<17 {
                let plain = [UInt8](repeating: 0x61, count: before)
                let text = [0x22] + plain + [byte] + [UInt8](repeating: 0x7A, count: 20) + [0x22]
                if Walks.accepts(page.place(text)) != SlowJSON.accepts(text) { Issue.record("byte \(byte) after \(before)") }
            }
        }
    }

    /// A borrow in the word test runs upwards: bytes just above the special ones, behind a special one.
    @Test func byteBehindASpecialOne_isNoFalseAlarm() {
        for special in [UInt8(0x22), 0x5C, 0x1F] {
            for after in [UInt8(0x20), 0x21, 0x23, 0x5B, 0x5D, 0x7F] {
                for before in 0..<9 {
                    let text =
                        [0x22] + [UInt8](repeating: 0x61, count: before) + [special, after, 0x22, 0x22]
                        + [UInt8](repeating: 0x20, count: 8)
                    if Walks.accepts(page.place(text)) != SlowJSON.accepts(text) { Issue.record("\(text)") }
                }
            }
        }
    }

    @Test func longString_endsWhereItsQuoteIs() throws {
        for count in 0..<70 {
            let inside = String(repeating: "x", count: count)
            var scanner = JSONScanner(page.place(Array("[\"\(inside)\",1]".utf8)))
            try scanner.beginArray()
            #expect(try scanner.nextElement())
            #expect(try scanner.string().string == inside)
            #expect(try scanner.nextElement())
            #expect(try scanner.number().string == "1")
        }
    }

    @Test(arguments: [#""\ud800""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud800x\udc00""#, #""\ud800\n""#, #""\ud800\u0041""#])
    func loneSurrogate_isRefused(_ text: String) {
        #expect(Walks.fault(page.place(Array(text.utf8))).skip?.reason == .loneSurrogate)
    }
}

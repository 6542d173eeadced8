import JSON
import TestSupport
import Testing

@Suite struct JSONTextTests {
    private let page = GuardedPage()

    private func text(_ string: String) -> JSONText { JSONText(page.place(Array(string.utf8))) }

    @Test func equality_isThatOfTheBytes() {
        let text = text("seq")
        #expect(text.isEqual(to: "seq"))
        #expect(!text.isEqual(to: "se"))
        #expect(!text.isEqual(to: "seqs"))
        #expect(!text.isEqual(to: "sep"))
        #expect(text.isEqual(to: Array("seq".utf8)))
        #expect(!text.isEqual(to: [UInt8]()))
        #expect(text.isEqual(to: text))
        #expect(text.array == Array("seq".utf8))
    }

    @Test func emptyText_equalsOnlyEmptyText() {
        let empty = text("")
        #expect(empty.isEmpty)
        #expect(empty.isEqual(to: ""))
        #expect(empty.isEqual(to: [UInt8]()))
        #expect(empty.string == "")
    }

    @Test func textWithoutEscapes_isGivenAsItStands() {
        #expect(text("é\u{0}🙂").string == "é\u{0}🙂")
    }
}

/// Whole numbers in every spelling that JSON has for them.
@Suite struct JSONTextIntegersTests {
    private let page = GuardedPage()

    private func integer(_ text: String) -> Int64? { JSONText(page.place(Array(text.utf8))).integer }

    @Test func everyByte_atEveryPlaceOfANumberOfAnyLength() {
        for length in 1...20 {
            let digits = (0..<length).map { UInt8(ascii: "1") + UInt8($0 % 9) }
            for place in 0..<length {
                for byte in UInt8.min ... .max {
                    var bytes = digits
                    bytes[place] = byte
                    let isPlain = bytes.allSatisfy { (0x30...0x39).contains($0) } && (bytes[0] != 0x30 || length == 1)
                    let meant = isPlain ? Int64(String(decoding: bytes, as: UTF8.self)) : nil
                    // Signs, points and exponents are whole numbers in other spellings, told above.
                    if !isPlain, "-.eE".utf8.contains(byte) { continue }
                    if JSONText(page.place(bytes)).integer != meant { Issue.record("\(bytes)") }
                }
            }
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("7", 7), ("-7", -7), ("999999999999999999", 999_999_999_999_999_999),
            ("1000000000000000000", 1_000_000_000_000_000_000),
            ("9223372036854775807", .max), ("-9223372036854775808", .min), ("-9223372036854775807", -.max), ("1e3", 1000), ("3.0", 3),
            ("-3.000", -3),
            ("1790267321911204", 1_790_267_321_911_204), ("1790267321911204.0", 1_790_267_321_911_204),
            ("1.790267321911204e15", 1_790_267_321_911_204),
            ("1790267321911204000e-3", 1_790_267_321_911_204), ("0e5", 0),
        ] as [(String, Int64)])
    func wholeNumber_isRead(_ text: String, _ value: Int64) {
        #expect(integer(text) == value)
    }

    @Test func anyByteAnywhereInSixteenDigits_isReadAsTheLibraryReadsIt() {
        for place in 0..<16 {
            for byte in UInt8.min...UInt8.max {
                var text = Array("1790267321911204".utf8)
                text[place] = byte
                let read = JSONText(page.place(text)).integer
                // A point or an exponent is another matter, and so are a sign and a leading zero.
                guard !".eE".utf8.contains(byte), place > 0 || !"-0".utf8.contains(byte) else { continue }
                let isNumber = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                if read != (isNumber ? Int64(String(decoding: text, as: UTF8.self)) : nil) { Issue.record("byte \(byte) at \(place)") }
            }
        }
    }

    @Test(arguments: [
        "", "-", "+", "+5", "007", "-007", "00", "-00", "1.5", "5e-1", "9223372036854775808", "-9223372036854775809",
        "99999999999999999999",
        "18446744073709551616", "1e19", "0x10", " 1", "1 ", "1_000", "--1", "-+1", "1e", "abc", "12345678901234567890123",
        "1234567890123456789x",
    ])
    func anythingElse_isNil(_ text: String) {
        #expect(integer(text) == nil)
    }

    @Test func randomSpellings_agreeWithExactArithmetic() {
        var random = SeededGenerator(seed: 7)
        for round in 0..<30_000 {
            let text = Decimal6Tests.spelling(&random)
            var expected: Int64?
            if case .value(let value) = DecimalOracle.parse(text, decimals: 0) { expected = value }
            if text == "-9223372036854775808" { expected = .min }
            if integer(text) != expected { Issue.record("round \(round): \(text) is \(String(describing: integer(text)))") }
        }
    }

    @Test func randomIntegers_roundTrip() {
        var random = SeededGenerator(seed: 8)
        for _ in 0..<30_000 {
            let value = Int64(bitPattern: random.next()) >> Int64(random.below(64))
            if integer(String(value)) != value { Issue.record("\(value)") }
        }
    }
}

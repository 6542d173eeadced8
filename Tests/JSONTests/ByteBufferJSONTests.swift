import Glibc
import JSON
import TestSupport
import Testing

/// The writer: its own spelling, and that the reader gets back what was written.
@Suite struct ByteBufferJSONTests {
    private func written(_ write: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer(capacity: 0)
        write(&buffer)
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    @Test func integers_areWrittenAsTheLibraryWritesThem() {
        var random = SeededGenerator(seed: 9)
        var values: [Int64] = [0, 1, -1, 9, 10, -10, .max, .min, .max - 1, .min + 1]
        for _ in 0..<20_000 { values.append(Int64(bitPattern: random.next()) >> Int64(random.below(64))) }
        for value in values where written({ $0.append(integer: value) }) != String(value) { Issue.record("\(value)") }
    }

    @Test(
        arguments: [
            (0, "0"), (1, "0.000001"), (-1, "-0.000001"), (500_000, "0.5"), (120_500_000, "120.5"), (3_000_000, "3"), (-3_000_000, "-3"),
            (10_000_000, "10"),
            (999_999, "0.999999"), (1_000_001, "1.000001"), (9_999_999, "9.999999"), (10_000_001, "10.000001"), (100_000, "0.1"),
            (-500_000, "-0.5"),
            (.max, "9223372036854.775807"), (-.max, "-9223372036854.775807"), (.min, "-9223372036854.775808"), (1_010, "0.00101"),
        ] as [(Int64, String)])
    func millionths_areWrittenAsPlainDecimals(_ value: Int64, _ text: String) {
        #expect(written { $0.append(millionths: value) } == text)
    }

    @Test func randomMillionths_roundTrip_inTheShortestSpelling() throws {
        var random = SeededGenerator(seed: 10)
        for _ in 0..<20_000 {
            let value = max(Int64(bitPattern: random.next()) >> Int64(random.below(64)), -.max)
            let text = written { $0.append(millionths: value) }
            #expect(!text.contains("e") && !(text.contains(".") && text.hasSuffix("0")) && !text.hasSuffix("."))
            if DecimalOracle.parse(text) != .value(value) { Issue.record("\(value) is \(text)") }
        }
    }

    @Test func string_isEscapedWhereItMust_andElseAsItIs() {
        #expect(written { $0.append(string: "a\"b\\c/d") } == #""a\"b\\c/d""#)
        #expect(written { $0.append(string: "\u{8}\u{9}\u{A}\u{C}\u{D}\u{0}\u{1F}\u{7F}") } == #""\b\t\n\f\r\u0000\u001f\u007f""#)
        #expect(written { $0.append(string: "é€🙂\u{2028}\u{80}") } == "\"é€🙂\u{2028}\u{80}\"")
        #expect(written { $0.append(string: "") } == "\"\"")
    }

    @Test func everyByteAtEveryPlace_isEscapedAsItMust() {
        for count in 1...20 {
            for place in 0..<count {
                for byte in UInt8.min...0x7F {
                    var text = [UInt8](repeating: UInt8(ascii: "a"), count: count)
                    text[place] = byte
                    let spelled = written { buffer in text.withUnsafeBufferPointer { buffer.append(escaping: $0) } }
                    let (before, after) = (String(repeating: "a", count: place), String(repeating: "a", count: count - place - 1))
                    let expected = before + ByteBufferJSONTests.spelling(of: byte) + after
                    if spelled != expected { Issue.record("byte \(byte) at \(place) of \(count)") }
                }
            }
        }
    }

    /// RFC 8259 section 7, and DEL.
    private static func spelling(of byte: UInt8) -> String {
        let short: [UInt8: String] = [0x22: "\\\"", 0x5C: "\\\\", 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r"]
        if let short = short[byte] { return short }
        guard byte < 0x20 || byte == 0x7F else { return String(UnicodeScalar(byte)) }
        let hex = String(byte, radix: 16)
        return "\\u00" + (hex.count == 1 ? "0" : "") + hex
    }

    @Test func randomStrings_roundTripThroughTheScanner() throws {
        var random = SeededGenerator(seed: 11)
        for round in 0..<20_000 {
            let (spelled, meant) = JSONScannerStringsTests.string(&random, pieces: random.below(12))
            var buffer = ByteBuffer()
            buffer.append(string: meant)
            var scanner = JSONScanner(buffer.bytes)
            #expect(try scanner.string().string == meant, "round \(round)")
            try scanner.finish()

            // What was read is spelled like what was said: one spelling whatever the source wrote.
            var source = ByteBuffer()
            source.append(utf8: "\"\(spelled)\"")
            var reader = JSONScanner(source.bytes)
            var again = ByteBuffer()
            again.append(string: try reader.string())
            if !again.text.isEqual(to: buffer.text) { Issue.record("round \(round): \(spelled)") }
        }
    }

    @Test func deleteCharacter_isEscaped_alsoInTextOfTheScanner() throws {
        var source = ByteBuffer()
        source.append("\"a\u{7F}b\"")
        var scanner = JSONScanner(source.bytes)
        let text = try scanner.string()
        #expect(written { $0.append(string: text) } == #""a\u007fb""#)
    }

    @Test func everyAsciiCharacter_atEveryPlace_isQuotedLikeOneByOne() {
        for byte in UInt8(0)..<0x80 {
            let one = written { $0.append(string: String(Unicode.Scalar(byte))) }.dropFirst().dropLast()
            for before in 0..<10 {
                let lead = String(repeating: "x", count: before)
                #expect(written { $0.append(string: lead + String(Unicode.Scalar(byte)) + "y") } == "\"\(lead)\(one)y\"")
            }
        }
    }

    @Test func unescaping_givesTheBytesThatEscapesStandFor() throws {
        var source = ByteBuffer()
        source.append(utf8: #""a\u00e9\ud83d\ude42\/\\\"\b\f\n\r\t\u0000z""#)
        var scanner = JSONScanner(source.bytes)
        let text = try scanner.string()
        #expect(written { $0.append(unescaping: text) } == "aé🙂/\\\"\u{8}\u{C}\n\r\t\u{0}z")
        #expect(written { $0.append(raw: text) } == #"a\u00e9\ud83d\ude42\/\\\"\b\f\n\r\t\u0000z"#)
    }
}

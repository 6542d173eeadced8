import JSON
import Testing

@testable import mkt_decide

@Suite struct HTMLTextTests {
    private func html(_ text: String) -> String {
        var buffer = ByteBuffer()
        buffer.append(html: text)
        return buffer.text.string
    }

    @Test(arguments: [
        ("</script><b>", "&lt;/script&gt;&lt;b&gt;"), ("\"><img onerror='x'>", "&quot;&gt;&lt;img onerror=&#39;x&#39;&gt;"),
        ("a&b &amp;", "a&amp;b &amp;amp;"), ("Zürich 🏛", "Zürich 🏛"), ("a\tb\nc\u{2028}d", "a b c d"),
        ("\0\u{1B}[31m\u{7F}\u{85}", "\u{FFFD}\u{FFFD}[31m\u{FFFD}\u{FFFD}"),
        ("\u{202E}gnp\u{2066}\u{200F}", "\u{FFFD}gnp\u{FFFD}\u{FFFD}"),
        ("\u{FFFE}\u{FFFF}\u{1FFFF}\u{FEFF}", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
    ])
    func text_isInert(text: String, expected: String) { #expect(html(text) == expected) }

    @Test func everyScalar_bringsInNoMarkup_andNothingThatXMLForbids() {
        for value in UInt32(0)...0x1_0000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = html(String(Character(scalar)))
            #expect(!text.isEmpty && !text.contains { "<>\"'".contains($0) })
            #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value & 0xFFFE != 0xFFFE })
        }
    }

    @Test(arguments: [(0, "0"), (120, "12"), (123, "12.3"), (-5, "-0.5"), (9320, "932")])
    func tenths(value: Int, text: String) {
        var buffer = ByteBuffer()
        buffer.append(tenths: value)
        #expect(buffer.text.string == text)
    }

    @Test func longText_isCutAtACharacter() {
        #expect(CutText.cut("abc", 3) == "abc")
        #expect(CutText.cut("abcd", 3) == "abc…")
        #expect(CutText.cut("aüü", 4) == "aü…")
        let long = String(repeating: "ü", count: 5000)
        var buffer = ByteBuffer()
        buffer.append(utf8: long)
        #expect(CutText.make(buffer.text) == String(repeating: "ü", count: 120) + "…")
    }
}

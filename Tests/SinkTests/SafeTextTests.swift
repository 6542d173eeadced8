import JSON
import Testing

@testable import mkt_sink

@Suite struct SafeTextTests {
    @Test(arguments: [
        ("btc-up-or-down/Up", "btc-up-or-down/Up"), ("\u{1B}[31m", "?[31m"), ("a\u{7}\n\r\tb", "a????b"), ("\u{9B}2J", "?2J"),
        ("\u{202E}x\u{2066}", "?x?"), ("a\u{200B}b\u{FEFF}\u{AD}", "a?b??"), ("❤\u{FE0F}", "❤"), ("👩\u{200D}👧", "👩👧"),
        ("\u{E000}\u{FFFF}", "??"),
        ("שלום", "????"), ("a\u{A0}b\u{3000}c", "a b c"), ("\u{2028}", "?"), ("e\u{301}\u{301}\u{301}\u{301}", "e\u{301}\u{301}"),
        ("\u{301}e", "e"),
        ("日本語", "日本語"), ("\u{E0041}", "?"), ("\u{7F}", "?"),
    ])
    func whatATerminalWouldActOn_isAQuestionMark(text: String, expected: String) {
        // Compared by scalars: Swift's own notion of equal characters would hide some.
        #expect(Array(SafeText.make(text).unicodeScalars) == Array(expected.unicodeScalars))
    }

    @Test func aTextIsNeverLongerThanItMayBe() {
        #expect(CellWidth.of(SafeText.make(String(repeating: "日", count: 1000))) == SafeText.cellsMax)
        var huge = String(repeating: "x", count: 1 << 20)
        huge.withUTF8 { #expect(SafeText.make(JSONText($0)).utf8.count == SafeText.cellsMax) }
        var escaped = String(repeating: "\\u0041", count: 1 << 16)
        escaped.withUTF8 { #expect(SafeText.make(JSONText(base: $0.baseAddress!, count: $0.count, hasEscapes: true)) == "…") }
    }

    @Test(arguments: [
        ("abcdefgh", 8, "abcdefgh"), ("abcdefgh", 7, "abc…fgh"), ("abcdefgh", 6, "abc…gh"), ("abcdefgh", 2, "a…"), ("abcdefgh", 1, "…"),
        ("abc", 0, ""),
        ("日本語日本語", 7, "日…語"), ("日本語日本語", 2, "…"), ("aaaae\u{301}", 3, "a…e\u{301}"),
    ])
    func cut_keepsBothEndsAndFits(text: String, cells: Int, expected: String) {
        let cut = SafeText.cut(text, cells: cells)
        #expect(Array(cut.unicodeScalars) == Array(expected.unicodeScalars))
        #expect(CellWidth.of(cut) <= cells)
    }
}

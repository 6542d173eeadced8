import Testing

@testable import WebSocketClient

@Suite struct PrintableTextTests {
    @Test(arguments: [
        ("plain", "plain"), ("  a \r\n\t b  ", "a b"), ("\u{1B}[31mred\u{7}", "?[31mred?"), ("grüße €", "gr??e ?"), ("\0", "?"),
        (" \n ", ""),
    ])
    func text_becomesOneLineOfASCII(_ text: String, _ line: String) {
        #expect(PrintableText.line(text, charactersMax: 500) == line)
        #expect(PrintableText.line(Array(text.utf8), charactersMax: 500) == line)
    }

    @Test func text_isCut() {
        #expect(PrintableText.line("abcdef", charactersMax: 3) == "abc")
        #expect(PrintableText.line("ab cdef", charactersMax: 3) == "ab")
        #expect(PrintableText.line([0x61, 0xFF, 0x62], charactersMax: 3) == "a?b")
    }
}

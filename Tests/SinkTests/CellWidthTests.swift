import Testing

@testable import mkt_sink

@Suite struct CellWidthTests {
    /// By East Asian Width and general category of Unicode; terminals agree on these.
    @Test(arguments: [
        ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本語", 6), ("한국", 4), ("ｱ", 1), ("Ａ", 2), ("、", 2), ("🎉", 2), ("⌚", 2), ("☀", 1),
        ("→", 1), ("…", 1), ("🇺🇸", 2), ("\u{1100}\u{1161}", 2), ("a\u{20DD}", 1), ("👍🏽", 4), ("𠀀", 2), ("─", 1), ("№", 1), ("㍿", 2), ("ไ", 1),
        ("ก็", 1),
    ])
    func cellsOfATextAreThoseOfATerminal(text: String, cells: Int) {
        #expect(CellWidth.of(text) == cells)
    }
}

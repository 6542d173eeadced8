import Testing

@testable import mkt_decide

struct GlobTests {
    @Test(arguments: [
        ("btc-*", "btc-up-or-down/Up", true), ("btc-*", "BTC-up", false), ("*", "", true), ("?", "", false), ("?", "ö", true),
        ("*/Up", "a/b/Up", true), ("*/Up", "a/b/Upper", false), ("a*b*c", "axxbyybzzc", true), ("a*b*c", "axxbyyb", false),
        ("[a-c]x", "bx", true), ("[a-c]x", "dx", false), ("[!a-c]x", "dx", true), ("[^a-c]x", "bx", false), ("[]]", "]", true),
        ("[*]", "*", true), ("[*]", "a", false), ("[a-]", "-", true), ("", "", true), ("", "a", false), ("a\\*", "a\\b", true),
        ("**a**", "bab", true), ("gr?ße", "größe", true), ("[à-ü]*", "ö", true), ("abc", "abcd", false), ("abcd", "abc", false),
    ])
    func pattern_coversAllOfTheText(pattern: String, text: String, isMatch: Bool) throws {
        #expect(try #require(Glob(pattern)).matches(text) == isMatch)
    }

    @Test(arguments: ["[", "[a", "a[!", "[]", "[z-a]"])
    func unfinishedOrBackwardsSet_isRefused(pattern: String) {
        #expect(Glob(pattern) == nil)
    }

    @Test func manyStars_areNotSlow() throws {
        let pattern = String(repeating: "*a", count: 30) + "b"
        #expect(try #require(Glob(pattern)).matches(String(repeating: "a", count: 2000)) == false)
    }
}

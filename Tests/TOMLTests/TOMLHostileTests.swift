import TOML
import Testing

/// Text that wants to bring the reader down: it is refused or read, and nothing else happens.
@Suite struct TOMLHostileTests {
    private func isRefused(_ text: String) -> Bool {
        do {
            _ = try TOMLDocument.parse(text)
            return false
        } catch {
            return !error.reason.isEmpty
        }
    }

    @Test func deepNesting_isRefused() {
        #expect(isRefused(String(repeating: "[", count: 1 << 20)))
        #expect(isRefused("a = " + String(repeating: "[", count: 1 << 20)))
        #expect(isRefused("a = " + String(repeating: "{a=", count: 1 << 18)))
        #expect(isRefused("a = " + String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)))
    }

    @Test(arguments: ["a.", "a . ", "'a'.", "\"a\" \t. "])
    func deepDottedKeys_areRefused(_ segment: String) {
        let keys = String(repeating: segment, count: 200_000)
        #expect(isRefused(keys + "a = 1"))
        #expect(isRefused("[" + keys + "a]"))
        #expect(isRefused("[[" + keys + "a]]"))
        #expect(isRefused("x = { " + keys + "a = 1 }"))
    }

    /// The deepest that both limits allow together: it may be read or refused, but the stack must bear it.
    @Test func nestedTablesWithLongKeys_neverCrash() {
        let keys = String(repeating: "a.", count: 15) + "a"
        for depth in [10, 100, 250, 256, 300, 5000] {
            let text = String(repeating: "{\(keys)=", count: depth) + "1" + String(repeating: "}", count: depth)
            #expect(isRefused("a = " + text) == (depth > 250))
        }
    }

    @Test func dotsThatAreNoKeys_areTaken() throws {
        let numbers = String(repeating: "0.5, ", count: 1000)
        let prose = String(repeating: "A sentence. ", count: 1000)
        let table = try TOMLDocument.parse(
            "# \(String(repeating: ".", count: 1000))\n# \(prose)\na = [\(numbers)]\nb = \"\"\"\n\(prose)\n\"\"\"\n")
        #expect(table["a"]?.array?.count == 1000)
        #expect(table["b"]?.plainText?.count == prose.count + 1)
    }

    @Test func binary_isRefused() {
        #expect(isRefused("\0"))
        #expect(isRefused("a = \"\0\""))
        #expect(isRefused(String(decoding: (0...255).map { UInt8($0) }, as: UTF8.self)))
        #expect(isRefused("\u{7F}ELF\u{2}\u{1}"))
    }

    @Test func longArray_isReadInReasonableTime() throws {
        let text = "a = [" + String(repeating: "1, ", count: 50_000) + "]\n" + (0..<5000).map { "[[l]]\nx = \($0)\n" }.joined()
        let table = try TOMLDocument.parse(text)
        #expect(table["a"]?.array?.count == 50_000)
        #expect(table["l"]?.array?.count == 5000)
        #expect(table["l"]?.array?.last?.table?["x"]?.number == "4999")
    }

    @Test func randomMutations_neverCrash() {
        let source = Array(
            "[rules.a]\nkind = \"arb\"\nedge = 0.050\nlist = [0.1, 'é', {b = 1_0.5}]\n[[x]]\nd = 2026-09-25T10:00:00Z\n".unicodeScalars)
        let spare = Array("[]{}=\"'.,#\n\r é\u{0}\u{2028}0_e+-".unicodeScalars)
        var state: UInt64 = 40
        func below(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        for _ in 0..<5000 {
            var text = source
            for _ in 0...below(4) {
                let at = below(text.count)
                if below(2) == 0 { text.remove(at: at) } else { text.insert(spare[below(spare.count)], at: at) }
            }
            let document = String(String.UnicodeScalarView(text))
            if let table = try? TOMLDocument.parse(document) { _ = table.entries.map(\.value.plainText) }
        }
    }
}

import JSON
import MarketModel
import Testing

@Suite struct NameSetTests {
    private func place(_ set: NameSet, _ text: String, hasEscapes: Bool = false) -> Int? {
        var text = text
        return text.withUTF8 { bytes in
            bytes.baseAddress.flatMap { set.place(of: JSONText(base: $0, count: bytes.count, hasEscapes: hasEscapes)) }
        }
    }

    @Test func names_areFoundByTheirPlace_andNoOther() {
        let names = (0..<2000).map { "0x\($0 * 7919)" }
        let set = NameSet(names)
        for (number, name) in names.enumerated() { #expect(place(set, name) == number) }
        for number in 0..<2000 { #expect(place(set, "0x\(number)y") == nil) }
        #expect(set.names == names)
    }

    @Test func namesThatComeTwice_areOne_andThoseThatLookAlikeAreTwo() {
        let set = NameSet(["a", "e\u{301}", "a", "\u{e9}"])
        #expect(set.names.map { Array($0.utf8) } == [[0x61], [0x65, 0xCC, 0x81], [0xC3, 0xA9]])
        #expect(place(set, "\u{e9}") == 2)
        #expect(place(set, "e\u{301}") == 1)
    }

    @Test func escapes_areResolved_onlyWhereThereAreAny() {
        let set = NameSet(["a\"", #"\u0061"#])
        #expect(place(set, #"\u0061\""#, hasEscapes: true) == 0)
        #expect(place(set, #"\u0061"#, hasEscapes: true) == nil)
        #expect(place(set, #"\u0061"#) == 1)
    }

    @Test func anEmptySet_hasNoName() {
        #expect(NameSet([]).isEmpty)
        #expect(place(NameSet([]), "a") == nil)
        #expect(NameSet([]).names.isEmpty)
    }
}

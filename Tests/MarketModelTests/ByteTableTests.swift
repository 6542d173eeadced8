import JSON
import MarketModel
import TestSupport
import Testing

@Suite struct ByteTableTests {
    private let page = GuardedPage()

    private func text(_ string: String) -> JSONText { JSONText(page.place(Array(string.utf8))) }

    @Test func keysOfEveryLength_haveNumbersOfTheirOwn_andAreFoundAgain() {
        var table = ByteTable()
        let keys = (0...200).map { length in String((0..<length).map { Character(Unicode.Scalar(UInt8(97 + $0 % 26))) }) }
        for (number, key) in keys.enumerated() {
            #expect(table.find(text(key)) == nil)
            #expect(table.intern(text(key)) == (number, true))
        }
        for (number, key) in keys.enumerated() {
            #expect(table.intern(text(key)) == (number, false))
            #expect(table.find(text(key)) == number && table.string(number) == key)
        }
        #expect(table.count == keys.count)
    }

    @Test func longKeys_thatDifferInOneByteAnywhere_areDifferentOnes() {
        var table = ByteTable()
        for length in [39, 40, 41, 48, 77] {
            let common = [UInt8](repeating: UInt8(ascii: "7"), count: length)
            let first = table.intern(JSONText(page.place(common))).index
            for place in 0..<length {
                var other = common
                other[place] = UInt8(ascii: "8")
                #expect(table.find(JSONText(page.place(other))) == nil)
                #expect(table.intern(JSONText(page.place(other))) == (first + place + 1, true))
            }
            #expect(table.find(JSONText(page.place(common))) == first)
        }
    }

    @Test func keysBeyondADigest_areComparedToTheirEnd() {
        var table = ByteTable()
        for length in [1023, 1024, 1025, 1040, 3000] {
            let common = [UInt8](repeating: UInt8(ascii: "7"), count: length)
            let first = table.intern(JSONText(page.place(common))).index
            for (number, place) in [0, 1000, length - 2, length - 1].enumerated() {
                var other = common
                other[place] = UInt8(ascii: "8")
                #expect(table.find(JSONText(page.place(other))) == nil)
                #expect(table.intern(JSONText(page.place(other))) == (first + number + 1, true))
                #expect(table.find(JSONText(page.place(other))) == first + number + 1)
            }
            #expect(table.find(JSONText(page.place(common))) == first)
        }
    }

    @Test func thousandsOfTokens_areAllFound() {
        var random = SeededGenerator(seed: 5)
        let tokens = (0..<20_000).map { _ in String((0..<77).map { _ in Character("\(random.below(10))") }) }
        var table = ByteTable()
        for token in tokens { _ = table.intern(text(token)) }
        for (number, token) in tokens.enumerated() where table.find(text(token)) != number { Issue.record("\(number)") }
    }
}

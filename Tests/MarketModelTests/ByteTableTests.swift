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

    /// The table grows between asking and looking. What was asked for may be the text, a part of it, another one, or nothing.
    @Test func askedForOrNot_aKeyHasTheSameNumber() {
        var random = SeededGenerator(seed: 7)
        var (table, plain) = (ByteTable(), ByteTable())
        let bytes = (0..<40_000).map { _ in UInt8(97 + random.below(2)) }
        bytes.withUnsafeBufferPointer { bytes in
            let keys = (0..<3000).map { _ in
                let count = random.pick([1, 3, 16, 17, 77, 77, 77, 1024, 1500])
                return JSONText(base: bytes.baseAddress! + random.below(bytes.count - count), count: count)
            }
            var earlier: [ByteTable.Sought] = []
            for _ in 0..<9000 {
                let key = random.pick(keys)
                let sought =
                    switch random.below(5) {
                    case 0: ByteTable.Sought()
                    case 1: table.ask(for: random.pick(keys))
                    case 2: table.ask(for: JSONText(base: key.base, count: key.count - 1))
                    case 3: earlier.isEmpty ? ByteTable.Sought() : random.pick(earlier)
                    default: table.ask(for: key)
                    }
                earlier.append(table.ask(for: random.pick(keys)))
                let expected = plain.intern(key)
                if table.intern(key, sought) != expected { Issue.record("\(key.count) bytes, number \(expected.index)") }
            }
        }
        #expect(table.count > 1000)
    }

    @Test func thousandsOfTokens_areAllFound() {
        var random = SeededGenerator(seed: 5)
        let tokens = (0..<20_000).map { _ in String((0..<77).map { _ in Character("\(random.below(10))") }) }
        var table = ByteTable()
        for token in tokens { _ = table.intern(text(token)) }
        for (number, token) in tokens.enumerated() where table.find(text(token)) != number { Issue.record("\(number)") }
    }
}

import OpenSSL
import Testing

@Suite struct SHA1StateTests {
    private func update(_ state: inout SHA1State, _ text: String) {
        var text = text
        text.withUTF8 { state.update($0) }
    }

    private func hash(_ state: SHA1State) -> String {
        let raw = [UInt8](unsafeUninitializedCapacity: SHA1State.byteCount) { buffer, count in
            state.finish(into: buffer)
            count = SHA1State.byteCount
        }
        return raw.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func hex(_ text: String) -> String {
        var text = text
        return text.withUTF8 { Digest.hex(.sha1, of: $0) }
    }

    @Test func hash_isThatOfFIPS180() {
        var state = SHA1State()
        #expect(hash(state) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        update(&state, "abc")
        #expect(hash(state) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        state.update(UnsafeBufferPointer(start: nil, count: 0))
        #expect(hash(state) == "a9993e364706816aba3e25717850c26c9cd0d89d")
    }

    @Test func textOfAnyLength_cutAnywhere_hasTheHashOfTheWhole() {
        for length in 0...150 {
            let text = String((0..<length).map { Character(Unicode.Scalar(UInt8(97 + $0 % 26))) })
            for cut in stride(from: 0, through: length, by: 7) {
                var state = SHA1State()
                update(&state, String(text.prefix(cut)))
                update(&state, String(text.dropFirst(cut)))
                if hash(state) != hex(text) { Issue.record("\(length) \(cut)") }
            }
        }
    }

    @Test func copyOfTheMiddle_endsOnItsOwn() {
        let lead = String(repeating: "x", count: 100)
        var middle = SHA1State()
        update(&middle, lead)
        for text in ["1", "22", "333", "", String(repeating: "y", count: 64)] {
            var ending = middle
            update(&ending, text)
            #expect(hash(ending) == hex(lead + text))
        }
        // Asked twice, and gone on with: the answer takes nothing away.
        #expect(hash(middle) == hex(lead) && hash(middle) == hex(lead))
        update(&middle, "!")
        #expect(hash(middle) == hex(lead + "!"))
    }
}

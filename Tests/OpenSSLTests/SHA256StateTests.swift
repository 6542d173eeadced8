import OpenSSL
import Testing

@Suite struct SHA256StateTests {
    private func update(_ state: inout SHA256State, _ text: String) {
        var text = text
        text.withUTF8 { state.update($0) }
    }

    private func hash(_ state: SHA256State) -> String {
        var state = state
        let digits = String(state.finishShort(), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private func hex(_ text: String) -> String {
        var text = text
        return String(text.withUTF8 { Digest.hex(.sha256, of: $0) }.prefix(16))
    }

    @Test func hash_isThatOfFIPS180() {
        var state = SHA256State()
        #expect(hash(state) == "e3b0c44298fc1c14")
        update(&state, "abc")
        state.update(UnsafeBufferPointer(start: nil, count: 0))
        #expect(hash(state) == "ba7816bf8f01cfea")
    }

    @Test func textOfAnyLength_cutAnywhere_hasTheHashOfTheWhole() {
        for length in 0...150 {
            let text = String((0..<length).map { Character(Unicode.Scalar(UInt8(97 + $0 % 26))) })
            for cut in stride(from: 0, through: length, by: 7) {
                var state = SHA256State()
                update(&state, String(text.prefix(cut)))
                // A copy goes on, and what it is a copy of stays.
                var ending = state
                update(&ending, String(text.dropFirst(cut)))
                if hash(ending) != hex(text) || hash(state) != hex(String(text.prefix(cut))) { Issue.record("\(length) \(cut)") }
            }
        }
    }
}

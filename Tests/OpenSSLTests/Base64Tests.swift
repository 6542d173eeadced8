import OpenSSL
import TestSupport
import Testing

@Suite struct Base64Tests {
    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func knownTexts_areEncodedAndDecoded(_ plain: String, _ text: String) {
        #expect(Base64.encode(Array(plain.utf8)) == text)
        #expect(Base64.decode(text) == Array(plain.utf8))
    }

    @Test func alphabets_differInTwoLetters_andDoNotMix() {
        let bytes: [UInt8] = [0xFB, 0xFF, 0xFE]
        #expect(Base64.encode(bytes) == "+//+")
        #expect(Base64.encode(bytes, .url) == "-__-")
        #expect(Base64.decode("+//+", .url) == nil)
        #expect(Base64.decode("-__-") == nil)
        #expect(Base64.decode("-__-", .url) == bytes)
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Zm9vYg", "=", "====", "Z===", "Zg==Zg==", "Zm8=Zm8=", "Zm9v\n", " Zm9v", "Zm 9", "Zh==", "Zm9=", "Zm9ß",
        "Zg=a",
    ])
    func looseText_isRefused(_ text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test(arguments: [Base64.Alphabet.standard, .url])
    func randomBytes_comeBack(_ alphabet: Base64.Alphabet) {
        var generator = SeededGenerator(seed: 7)
        for count in 0...200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let text = Base64.encode(bytes, alphabet)
            #expect(text.utf8.count == (count + 2) / 3 * 4)
            #expect(Base64.decode(text, alphabet) == bytes)
        }
    }
}

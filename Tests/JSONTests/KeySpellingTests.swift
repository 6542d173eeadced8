import JSON
import TestSupport
import Testing

/// The quick way to a key takes just what the strict way takes, and nothing near the end of the text.
@Suite struct KeySpellingTests {
    private static let keys = [
        "v", "seq", "conn", "market", "recv_us", "outcome", "instrument", "aggressor_side", "settlement_price",
        "a_key_of_many_more_letters",
    ]

    private let page = GuardedPage()

    /// The key that the strict way gives for `text`, which stands inside an object; nil for none.
    private func strictKey(_ text: [UInt8]) -> (key: String, offset: Int)? {
        var scanner = JSONScanner(page.place(text))
        do {
            try scanner.beginObject()
            guard let key = try scanner.nextKey() else { return nil }
            return (key.string, scanner.offset)
        } catch { return nil }
    }

    private func quickOffset(_ text: [UInt8], _ key: String) -> Int? {
        var scanner = JSONScanner(page.place(text))
        guard (try? scanner.beginObject()) != nil, scanner.takeKey(spelled: KeySpelling(key.utf8)) else { return nil }
        return scanner.offset
    }

    @Test(arguments: keys)
    func spelledKey_isTaken_whereTwentyFourBytesFollow_ifItIsNotTooLong(_ key: String) {
        let text = Array("{\"\(key)\":1,\"padding\":\"twenty-four bytes at least\"}".utf8)
        let offset = quickOffset(text, key)
        #expect(offset == (key.utf8.count + 3 <= KeySpelling.bytesMax ? key.utf8.count + 4 : nil))
    }

    @Test(arguments: keys)
    func everyOtherByteAnywhere_isNotTaken(_ key: String) {
        let text = Array("{\"\(key)\":1,\"padding\":\"twenty-four bytes at least\"}".utf8)
        for place in 1..<key.utf8.count + 4 {
            for byte in UInt8.min...UInt8.max where byte != text[place] {
                var other = text
                other[place] = byte
                if quickOffset(other, key) != nil { Issue.record("\(key): byte \(byte) at \(place)") }
            }
        }
    }

    @Test(arguments: keys)
    func cutAnywhere_nothingIsTakenThatTheStrictWayRefuses(_ key: String) {
        let text = Array("{\"\(key)\":1,\"padding\":\"twenty-four bytes at least\"}".utf8)
        for count in 1...text.count {
            let cut = Array(text.prefix(count))
            guard let offset = quickOffset(cut, key) else { continue }
            let strict = strictKey(cut)
            #expect(strict?.key == key && strict?.offset == offset, "cut to \(count)")
        }
    }

    @Test func nextKey_needsItsComma() {
        for (text, isTaken) in [(",\"conn\":7,\"recv_us\":12345678901", true), (" ,\"conn\":7,\"recv_us\":12345678901", false)] {
            var buffer = ByteBuffer()
            buffer.append(utf8: "{\"feed\":\"pm\"\(text)}")
            var scanner = JSONScanner(buffer.bytes)
            #expect((try? scanner.beginObject()) != nil && (try? scanner.nextKey()) != nil && (try? scanner.skipValue()) != nil)
            #expect(scanner.takeKey(spelled: KeySpelling("conn".utf8)) == isTaken)
        }
    }
}

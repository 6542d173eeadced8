import OpenSSL
import Testing

@Suite struct DigestTests {
    private func hex(_ algorithm: Digest.Algorithm, _ text: String) -> String {
        Array(text.utf8).withUnsafeBufferPointer { Digest.hex(algorithm, of: $0) }
    }

    private func finish(_ digest: inout Digest) -> String {
        let count = digest.algorithm.byteCount
        // One byte more than is needed must stay as it is.
        var output = [UInt8](repeating: 0xA5, count: count + 1)
        output.withUnsafeMutableBufferPointer { digest.finish(into: $0) }
        #expect(output[count] == 0xA5)
        return output[..<count].map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    private func update(_ digest: inout Digest, _ text: String) {
        Array(text.utf8).withUnsafeBufferPointer { digest.update($0) }
    }

    static let twoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"

    /// FIPS 180-4, and the examples of NIST's Cryptographic Standards page.
    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (twoBlocks, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
        (String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
    ])
    func sha1_givesTheKnownHashes(_ text: String, _ hash: String) {
        #expect(hex(.sha1, text) == hash)
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (twoBlocks, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
    func sha256_givesTheKnownHashes(_ text: String, _ hash: String) {
        #expect(hex(.sha256, text) == hash)
    }

    @Test(arguments: [Digest.Algorithm.sha1, .sha256])
    func pieces_giveTheHashOfTheWhole(_ algorithm: Digest.Algorithm) {
        let text = String(repeating: "0123456789", count: 20)
        for cut in 0...text.count {
            var digest = Digest(algorithm)
            update(&digest, String(text.prefix(cut)))
            update(&digest, "")
            update(&digest, String(text.dropFirst(cut)))
            let hash = finish(&digest)
            #expect(hash == hex(algorithm, text))
        }
    }

    @Test(arguments: [Digest.Algorithm.sha1, .sha256])
    func begin_startsAnew_alsoInTheMiddle(_ algorithm: Digest.Algorithm) {
        var digest = Digest(algorithm)
        for text in ["a", "", "abc", Self.twoBlocks] {
            update(&digest, "left over")
            digest.begin()
            update(&digest, text)
            let hash = finish(&digest)
            #expect(hash == hex(algorithm, text))
            digest.begin()
        }
    }

    @Test func nothing_isTakenWithoutAnAddress() {
        var digest = Digest(.sha1)
        digest.update(UnsafeBufferPointer(start: nil, count: 0))
        let hash = finish(&digest)
        #expect(hash == hex(.sha1, ""))
    }
}

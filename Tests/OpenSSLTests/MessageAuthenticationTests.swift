import OpenSSL
import Testing

@Suite struct MessageAuthenticationTests {
    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// RFC 4231, cases 1, 2, 3 and 6.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func knownMessages_giveTheKnownCodes(_ key: [UInt8], _ message: [UInt8], _ code: String) {
        #expect(hex(MessageAuthentication.sha256(key: key, message: message)) == code)
    }

    @Test func nothing_hasACodeOfItsOwn() {
        let code = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        #expect(hex(MessageAuthentication.sha256(key: [], message: [])) == code)
        // Not the key of last time.
        _ = MessageAuthentication.sha256(key: [1, 2, 3], message: [4])
        #expect(hex(MessageAuthentication.sha256(key: [], message: [])) == code)
    }

    /// The vector of Polymarket's own client (clob-client-v2, tests/signing/hmac.test.ts).
    @Test func polymarketVector_isEqual() throws {
        let key = try #require(Base64.decode(String(repeating: "A", count: 43) + "=", .url))
        let message = Array("1000000test-sign/orders{\"hash\": \"0x123\"}".utf8)
        let signature = Base64.encode(MessageAuthentication.sha256(key: key, message: message), .url)
        #expect(signature == "ZwAdJKvoYRlEKDkNMwd5BuwNNtg93kNaR_oU2HrfVvc=")
    }
}

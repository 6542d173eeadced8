import MarketModel
import OpenSSL
import TestSupport
import Testing

@testable import kalshi_feed

/// Keys made by the openssl program, which also judges the signatures.
@Suite struct KalshiSignerTests {
    private let folder = TemporaryFolder()

    private func credentials(_ arguments: [String]) throws -> KalshiCredentials {
        try OpenSSLCommand.run(["genpkey"] + arguments + ["-out", "key.pem"], in: folder)
        try OpenSSLCommand.run(["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"], in: folder)
        return try KalshiCredentials(KalshiCredentials.Source(keyID: "id-1", keyText: folder.text("key.pem"), keyPath: nil))
    }

    private func signed(_ credentials: KalshiCredentials, _ path: String, millis: Int64) throws -> (text: String, signature: [UInt8]) {
        let headers = try KalshiSigner(credentials: credentials).headers(path: path, at: Timestamp(micros: millis * 1000 + 999))
        #expect(headers.map(\.name) == ["KALSHI-ACCESS-KEY", "KALSHI-ACCESS-TIMESTAMP", "KALSHI-ACCESS-SIGNATURE"])
        #expect(headers[0].value == "id-1")
        return (headers[1].value, try #require(Base64.decode(headers[2].value)))
    }

    @Test func stringOfTheDossier_isBuilt_withoutTheQuery() {
        // §1.2, and the first case of fixtures/kalshi/auth/rsa-pss-vectors.json.
        #expect(KalshiSigner.message(millis: "1703123456789", path: "/trade-api/ws/v2") == "1703123456789GET/trade-api/ws/v2")
        #expect(KalshiSigner.message(millis: "1703123456789", path: "/trade-api/ws/v2?x=1&y=2") == "1703123456789GET/trade-api/ws/v2")
    }

    @Test func rsaKey_signsWithASaltOf32_soThatTheProgramVerifies() throws {
        let credentials = try credentials(["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        let (text, signature) = try signed(credentials, "/trade-api/ws/v2?a=b", millis: 1_703_123_456_789)
        #expect(text == "1703123456789")
        folder.write("signature", signature)
        folder.write("message", "1703123456789GET/trade-api/ws/v2")
        let said = try OpenSSLCommand.run(
            [
                "dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32", "-sigopt", "rsa_mgf1_md:sha256",
                "-verify", "public.pem", "-signature", "signature", "message",
            ], in: folder)
        #expect(said.contains("Verified OK"))
    }

    @Test func ed25519Key_signsThePlainString_soThatTheProgramVerifies() throws {
        let credentials = try credentials(["-algorithm", "ED25519"])
        let (text, signature) = try signed(credentials, "/trade-api/ws/v2", millis: 7)
        #expect(text == "7" && signature.count == 64)
        folder.write("signature", signature)
        folder.write("message", "7GET/trade-api/ws/v2")
        let said = try OpenSSLCommand.run(
            ["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "public.pem", "-in", "message", "-sigfile", "signature"], in: folder)
        #expect(said.contains("Signature Verified Successfully"))
    }

    @Test func everyAttempt_isSignedWithItsOwnTime() throws {
        let session = try LiveSession.found(["A-1"])
        let first = try session.adapter.dial(slot: 1, at: Timestamp(micros: 1_000_000)).headers
        let second = try session.adapter.dial(slot: 1, at: Timestamp(micros: 2_000_000)).headers
        #expect(first[1].value == "1000" && second[1].value == "2000")
        #expect(first[2].value != second[2].value)
    }
}

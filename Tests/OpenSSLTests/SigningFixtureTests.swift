import Foundation
import OpenSSL
import TestSupport
import Testing

/// Signatures that were made elsewhere, under `../shared/fixtures` beside the project: the good ones verify, the bad ones do not.
@Suite(.enabled(if: SigningFixtures.areHere, "no fixtures at ../shared/fixtures/kalshi/auth beside the project: these tests are skipped"))
struct SigningFixtureTests {
    private struct Vectors: Decodable {
        struct Case: Decodable {
            let string_to_sign: String?
            let string_verifier_builds: String?
            let signature_b64: String
        }
        let cases: [Case]
        let negative_cases: [Case]?
    }

    @Test(arguments: [("rsa-pss-vectors.json", "rsa2048-public-spki.pem", 5), ("ed25519-vectors.json", "ed25519-public-spki.pem", 5)])
    func goodSignatures_verify_andNoOthers(_ vectors: String, _ key: String, _ count: Int) throws {
        let text = String(decoding: try #require(TemporaryFolder.read(path: SigningFixtures.folder + key)), as: UTF8.self)
        let verifier = try #require(VerifyingKey(pem: text))
        let bytes = try #require(TemporaryFolder.read(path: SigningFixtures.folder + vectors))
        let all = try JSONDecoder().decode(Vectors.self, from: Data(bytes))
        #expect(all.cases.count >= count)
        for good in all.cases {
            let message = Array(try #require(good.string_to_sign).utf8)
            let signature = try #require(Base64.decode(good.signature_b64))
            let isAccepted = verifier.accepts(signature, over: message)
            #expect(isAccepted, "\(good.string_to_sign ?? "")")
            let isAcceptedForAnother = verifier.accepts(signature, over: message + [0x2F])
            #expect(!isAcceptedForAnother)
        }
        for bad in all.negative_cases ?? [] {
            let message = Array(try #require(bad.string_verifier_builds ?? bad.string_to_sign).utf8)
            guard let signature = Base64.decode(bad.signature_b64) else { continue }
            let isAccepted = verifier.accepts(signature, over: message)
            #expect(!isAccepted, "\(bad)")
        }
    }

    @Test func publicHalf_isNoSigningKey() throws {
        for name in ["rsa2048-public-spki.pem", "ed25519-public-spki.pem"] {
            let text = String(decoding: try #require(TemporaryFolder.read(path: SigningFixtures.folder + name)), as: UTF8.self)
            #expect(throws: SigningKeyError.publicKey) { try SigningKey(pem: text) }
        }
    }
}

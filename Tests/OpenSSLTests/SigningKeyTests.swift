import OpenSSL
import TestSupport
import Testing

/// Keys made by the openssl program; its own verifier, and ours, judge the signatures.
@Suite struct SigningKeyTests {
    private static let message = Array("1703123456789GET/trade-api/ws/v2".utf8)

    private let folder = TemporaryFolder()

    private func make(_ arguments: String..., name: String = "key.pem") throws -> String {
        try OpenSSLCommand.run(arguments + ["-out", name], in: folder)
        return try #require(folder.text(name))
    }

    private func rsa(bits: Int = 2048) throws -> String {
        try make("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:\(bits)")
    }

    private func ed25519() throws -> String { try make("genpkey", "-algorithm", "ED25519") }

    private func publicKey() throws -> String { try make("pkey", "-in", "key.pem", "-pubout", name: "public.pem") }

    private func error(_ text: String) -> SigningKeyError? {
        do {
            _ = try SigningKey(pem: text)
            return nil
        } catch {
            return error
        }
    }

    private func expectSignatures(of text: String, verifiedBy publicText: String, sourceLocation: SourceLocation = #_sourceLocation) throws
    {
        let key = try SigningKey(pem: text)
        let verifier = try #require(VerifyingKey(pem: publicText))
        let signature = try key.sign(Self.message)
        #expect(verifier.accepts(signature, over: Self.message), sourceLocation: sourceLocation)
        #expect(!verifier.accepts(signature, over: Self.message + [0]), sourceLocation: sourceLocation)
        var bent = signature
        bent[10] ^= 1
        #expect(!verifier.accepts(bent, over: Self.message), sourceLocation: sourceLocation)
    }

    @Test func pkcs8RSA_signs_soThatTheProgramVerifies() throws {
        let text = try rsa()
        #expect(text.hasPrefix("-----BEGIN PRIVATE KEY-----"))
        try expectSignatures(of: text, verifiedBy: publicKey())
        let key = try SigningKey(pem: text)
        #expect(key.algorithm == .rsaPSS)
        folder.write("signature", try key.sign(Self.message))
        folder.write("message", Self.message)
        let said = try OpenSSLCommand.run(
            [
                "dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32", "-sigopt", "rsa_mgf1_md:sha256",
                "-verify", "public.pem", "-signature", "signature", "message",
            ], in: folder)
        #expect(said.contains("Verified OK"))
        #expect(try key.sign(Self.message) != key.sign(Self.message))
    }

    @Test func pkcs1RSA_signs() throws {
        _ = try rsa()
        let text = try make("rsa", "-in", "key.pem", "-traditional", name: "pkcs1.pem")
        #expect(text.hasPrefix("-----BEGIN RSA PRIVATE KEY-----"))
        try expectSignatures(of: text, verifiedBy: publicKey())
    }

    @Test func ed25519_signs_alwaysTheSame() throws {
        let text = try ed25519()
        try expectSignatures(of: text, verifiedBy: publicKey())
        let key = try SigningKey(pem: text)
        #expect(key.algorithm == .ed25519)
        #expect(try key.sign(Self.message) == key.sign(Self.message))
        #expect(try key.sign(Self.message).count == 64)
    }

    /// RFC 8032 section 7.1, test 2.
    @Test func ed25519_givesTheKnownSignature() throws {
        let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
        let digits = Array(seed)
        let prefix: [UInt8] = [0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]
        let der = prefix + stride(from: 0, to: 64, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16)! }
        let key = try SigningKey(pem: "-----BEGIN PRIVATE KEY-----\n\(Base64.encode(der))\n-----END PRIVATE KEY-----\n")
        let signature = try key.sign([0x72]).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(
            signature == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
    }

    @Test func pastedText_isTaken_howeverItsLinesEnd() throws {
        for text in [try rsa(), try ed25519()] {
            let description = try SigningKey(pem: text).description
            let lines = text.split(separator: "\n")
            for pasted in [
                lines.joined(separator: "\\n"), lines.joined(separator: "\\n") + "\\n", lines.joined(separator: "\r\n"),
                lines.joined(separator: "\\r\\n"), " \n\t" + text + "\n\n ", lines.joined(separator: " "), "Bag Attributes\n" + text,
            ] {
                #expect(try SigningKey(pem: pasted).description == description)
            }
        }
    }

    @Test func otherThings_areCalledByTheirNames() throws {
        let good = try ed25519()
        #expect(error(try publicKey()) == .publicKey)
        #expect(error(try make("ecparam", "-name", "prime256v1", "-genkey")) == .unsupported("EC"))
        #expect(error(try make("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")) == .unsupported("EC"))
        #expect(error(try make("genpkey", "-algorithm", "X25519")) == .unsupported("X25519"))
        #expect(error(try make("genpkey", "-algorithm", "RSA-PSS")) == .unsupported("RSA-PSS"))
        #expect(error("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----") == .unsupported("OpenSSH"))
        #expect(error("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----") == .certificate)
        for text in ["", "garbage", "-----BEGIN ", "-----BEGIN PRIVATE KEY", "-----BEGIN CAT-----\nAAAA\n-----END CAT-----"] {
            #expect(error(text) == .notPEM)
        }
        #expect(error(String(good.dropLast(30))) == .damaged)
        #expect(error("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----") == .damaged)
        #expect(error("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----") == .damaged)
    }

    @Test func shortRSA_isRefused_alsoByOneBit() throws {
        #expect(error(try rsa(bits: 1024)) == .tooShort(bits: 1024))
        #expect(error(try rsa(bits: 2047)) == .tooShort(bits: 2047))
    }

    @Test func lockedKeys_areRefused_withoutAskingForAPassphrase() throws {
        _ = try rsa()
        let arguments = ["-in", "key.pem", "-aes128", "-passout", "pass:secret"]
        try OpenSSLCommand.run(["pkey"] + arguments + ["-out", "locked8.pem"], in: folder)
        try OpenSSLCommand.run(["rsa"] + arguments + ["-traditional", "-out", "locked1.pem"], in: folder)
        #expect(error(try #require(folder.text("locked8.pem"))) == .encrypted)
        #expect(error(try #require(folder.text("locked1.pem"))) == .encrypted)
    }

    @Test func oneWrongLetter_isDamage_andNotABadSignature() throws {
        let letters = Array(try rsa())
        var refused = 0
        // From the modulus to the last prime; a key of 2048 bits has about 1,700 letters.
        for place in stride(from: 150, to: 1500, by: 90) where letters[place] != "\n" {
            var bent = letters
            bent[place] = letters[place] == "A" ? "B" : "A"
            let found = error(String(bent))
            #expect(found != nil, "letter \(place)")
            if found == .damaged { refused += 1 }
        }
        #expect(refused >= 10)
    }

    @Test func nothingOfTheKey_isShown() throws {
        for text in [try rsa(), try ed25519()] {
            let key = try SigningKey(pem: text)
            var dumped = ""
            dump(key, to: &dumped)
            for shown in ["\(key)", String(reflecting: key), dumped] {
                #expect(shown.contains("a private "))
                #expect(!shown.contains("0x") && shown.count < 80)
            }
            #expect(Mirror(reflecting: key).children.isEmpty)
        }
    }

    @Test(arguments: [
        SigningKeyError.notPEM, .publicKey, .certificate, .encrypted, .unsupported("EC"), .tooShort(bits: 1024), .damaged, .refused("why"),
    ])
    func everyError_isOneLine_thatSaysWhatToDo(_ error: SigningKeyError) {
        #expect(!error.description.contains("\n"))
        #expect(["give", "unlock", "make", "copy"].contains { error.description.contains($0) })
    }
}

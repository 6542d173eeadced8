import TestSupport
import Testing
import UnixTool

@testable import kalshi_feed

@Suite struct KalshiCredentialsTests {
    private let folder = TemporaryFolder()

    private func key(_ name: String = "key.pem", _ arguments: [String] = ["-algorithm", "ED25519"]) throws -> String {
        try OpenSSLCommand.run(["genpkey"] + arguments + ["-out", name], in: folder)
        return try #require(folder.text(name))
    }

    private func failure(_ keyID: String?, text: String? = nil, path: String? = nil) -> ToolFailure? {
        do {
            _ = try KalshiCredentials(KalshiCredentials.Source(keyID: keyID, keyText: text, keyPath: path))
            return nil
        } catch {
            return error
        }
    }

    @Test func eachThingThatIsMissing_hasItsOwnLine() throws {
        let pem = try key()
        let lines = [
            failure(nil, text: pem), failure("id"), failure("id", text: pem, path: folder.file("key.pem")), failure("i d", text: pem),
            failure("id\r\nX: y", text: pem), failure("id", path: folder.file("none.pem")),
        ]
        #expect(lines.allSatisfy { $0?.status == .configuration })
        #expect(lines[0]?.message.contains("KALSHI_API_KEY_ID is not set") == true)
        #expect(lines[1]?.message.contains("no private key") == true)
        #expect(lines[2]?.message.contains("both set") == true)
        #expect(lines[3]?.message.contains("blanks") == true && lines[4]?.message.contains("blanks") == true)
        #expect(lines[5]?.message.contains("none.pem") == true)
    }

    @Test func fileThatOthersCanRead_isRefused() throws {
        let pem = try key()
        let open = folder.write("open.pem", pem, mode: 0o640)
        let refusal = try #require(failure("id", path: open))
        #expect(refusal.status == .configuration && refusal.message.hasSuffix("chmod 600 \(open)"))
        #expect(failure("id", path: folder.write("own.pem", pem)) == nil)
    }

    @Test func whatIsNoKey_is77_andShowsNothingOfIt() throws {
        // §7 no. 2: public key given, encrypted, a kind that does not sign, text that is cut.
        let pem = try key()
        try OpenSSLCommand.run(["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"], in: folder)
        try OpenSSLCommand.run(
            ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "ec.pem"], in: folder)
        let body = String(pem.split(separator: "\n")[1].prefix(12))
        for text in [folder.text("public.pem") ?? "", folder.text("ec.pem") ?? "", "hello", String(pem.dropLast(40))] {
            let refusal = try #require(failure("id", text: text))
            #expect(refusal.status == .credentialsRefused && refusal.message.hasPrefix("KALSHI_PRIVATE_KEY: "))
            #expect(!refusal.message.contains(body))
        }
    }

    @Test func pkcs1_pkcs8_andTextFromTheEnvironment_areTaken() throws {
        let pkcs8 = try key("rsa.pem", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        try OpenSSLCommand.run(["rsa", "-in", "rsa.pem", "-traditional", "-out", "pkcs1.pem"], in: folder)
        let pkcs1 = try #require(folder.text("pkcs1.pem"))
        #expect(pkcs1.hasPrefix("-----BEGIN RSA PRIVATE KEY-----") && pkcs8.hasPrefix("-----BEGIN PRIVATE KEY-----"))
        for text in [
            pkcs8, pkcs1, pkcs1.replacing("\n", with: "\\n"), pkcs1.replacing("\n", with: "\r\n"), "  \n\(pkcs8)\n ",
            pkcs8.replacing("\n", with: "\\r\\n"),
        ] { #expect(failure("id", text: text) == nil) }
    }

    @Test func idOfTheKey_isMaskedInWhatTheVenueSays_unlessItIsTooShort() throws {
        let id = "11111111-2222-3333-4444-555555555555"
        let pem = try key()
        let credentials = try KalshiCredentials(KalshiCredentials.Source(keyID: id, keyText: pem, keyPath: nil))
        #expect(credentials.secrets.mask("HTTP 401: no key \(id)") == "HTTP 401: no key " + String(repeating: "*", count: 36))
        #expect(try KalshiCredentials(KalshiCredentials.Source(keyID: "id", keyText: pem, keyPath: nil)).secrets.isEmpty)
    }

    @Test func descriptions_showNothingOfTheKey() throws {
        let credentials = try KalshiCredentials(KalshiCredentials.Source(keyID: "id", keyText: try key(), keyPath: nil))
        #expect("\(credentials.key)" == "a private Ed25519 key")
        let body = try #require(folder.text("key.pem")?.split(separator: "\n")[1].prefix(12))
        var dumped = ""
        dump(credentials, to: &dumped)
        #expect(!dumped.contains(body) && !"\(credentials)".contains(body))
    }
}

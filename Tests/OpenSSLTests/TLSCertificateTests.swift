import OpenSSL
import TestSupport
import Testing

/// A server for each fault: exactly the bad ones are refused, each in its own words.
@Suite struct TLSCertificateTests {
    private let folder = TemporaryFolder()
    private let authority: TestAuthority

    init() throws { authority = try TestAuthority(in: folder) }

    /// How the handshake fails; nil if it does not.
    private func fault(_ arguments: [String] = [], hostName: String = "localhost", trusting: Bool = true) throws -> TLSError? {
        let server = try TestServer(in: folder, arguments)
        defer { server.end() }
        let client = try TestClient(server, hostName: hostName, caFile: trusting ? folder.file("ca.pem") : nil)
        do {
            try client.handshake()
            return nil
        } catch let error as TLSError {
            #expect(throws: error) { _ = try client.connection.handshake() }
            #expect(throws: error) { _ = try client.read(1) }
            #expect(throws: error) { try client.write([1]) }
            #expect(try client.connection.shutdown() == .done)
            #expect(!error.description.contains("\n"))
            return error
        }
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func goodServer_isTaken_byNameAndByAddress(_ version: String) throws {
        try authority.issue(rsaBits: 2048)
        #expect(try fault([version]) == nil)
        #expect(try fault([version], hostName: "LOCALHOST") == nil)
        #expect(try fault([version], hostName: "localhost.") == nil)
        #expect(try fault([version], hostName: "127.0.0.1") == nil)
    }

    @Test func expired_saysWhen() throws {
        try authority.issue(to: "20210203040500Z")
        let error = try fault()
        #expect(error == .expired(host: "localhost", on: "2021-02-03 04:05 UTC"))
        #expect(error?.description.contains("expired on 2021-02-03 04:05 UTC") == true)
    }

    @Test func notYetValid_saysUntilWhen() throws {
        try authority.issue(from: "20900203040500Z")
        let error = try fault()
        #expect(error == .notYetValid(host: "localhost", until: "2090-02-03 04:05 UTC"))
        #expect(error?.description.contains("not valid until 2090-02-03 04:05 UTC") == true)
    }

    @Test func wrongName_saysWhichNamesItHas() throws {
        try authority.issue(names: "DNS:example.com,DNS:*.example.org,IP:10.0.0.1")
        let names = ["example.com", "*.example.org", "10.0.0.1"]
        let error = try fault()
        #expect(error == .nameMismatch(host: "localhost", names: names))
        #expect(error?.description.contains("example.com, *.example.org, 10.0.0.1") == true)
        #expect(try fault(hostName: "127.0.0.1") == .nameMismatch(host: "127.0.0.1", names: names))
        #expect(try fault(hostName: "a.b.example.org") == .nameMismatch(host: "a.b.example.org", names: names))
        #expect(try fault(hostName: "a.example.org") == nil)
        // The common name counts for nothing.
        #expect(try fault(hostName: "server") == .nameMismatch(host: "server", names: names))
    }

    @Test func namesOfTheOtherEnd_cannotSteerATerminal() throws {
        try authority.issue(names: "DNS:a\u{1B}[31mb")
        #expect(try fault() == .nameMismatch(host: "localhost", names: ["a?[31mb"]))
    }

    @Test func unknownAuthority_isNamed_whetherItSendsItselfOrNot() throws {
        try authority.issue()
        let error = try fault(trusting: false)
        #expect(error == .unknownAuthority(host: "localhost", issuer: "/CN=mktpipe test authority"))
        #expect(error?.description.contains("--ca-file") == true)
        #expect(try fault(["-cert_chain", "ca.pem"], trusting: false) == error)
    }

    @Test func selfSigned_isRefused_untilItIsGivenAsTrusted() throws {
        try authority.issue(selfSigned: true)
        let error = try fault()
        #expect(error == .selfSigned(host: "localhost"))
        #expect(error?.description.contains("self-signed") == true)
        folder.write("ca.pem", try #require(folder.read("server.pem")))
        #expect(try fault() == nil)
    }

    @Test func oldProtocol_isRefused() throws {
        try authority.issue()
        let error = try #require(try fault(["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]))
        guard case .protocolTooOld("localhost", _) = error else { return #expect(Bool(false), "\(error)") }
        #expect(error.description.contains("no TLS 1.2"))
    }

    @Test func weakKey_isRefused() throws {
        try authority.issue(rsaBits: 1024)
        let error = try #require(try fault(["-cipher", "DEFAULT@SECLEVEL=0"]))
        guard case .weakKey("localhost", _) = error else { return #expect(Bool(false), "\(error)") }
        #expect(error.description.contains("too weak"))
    }

    @Test func weakSignature_isRefused() throws {
        try authority.issue(hash: "sha1")
        let error = try #require(try fault(["-cipher", "DEFAULT@SECLEVEL=0"]))
        guard case .weakKey("localhost", let reason) = error else { return #expect(Bool(false), "\(error)") }
        #expect(reason.contains("digest"))
    }

    @Test func certificateForClients_isRefused() throws {
        try authority.issue(usage: "clientAuth")
        let error = try #require(try fault())
        guard case .certificate("localhost", _) = error else { return #expect(Bool(false), "\(error)") }
    }

    @Test(arguments: ["", ".", ".localhost", "localhost..", "*.example.com", "a b", "a\0b", "a/b", "wss://a", "ä.com"])
    func namesThatCannotBeHeldAgainstACertificate_areRefused(_ name: String) throws {
        let context = try TLSContext()
        #expect { try TLSConnection(context, descriptor: 0, hostName: name) } throws: { error in
            if case TLSError.hostName = error { return true }
            return false
        }
    }

    @Test func caFile_mustHoldCertificates() throws {
        for path in [folder.file("absent.pem"), folder.write("empty.pem", ""), folder.write("bad.pem", "garbage")] {
            #expect { try TLSContext(caFile: path) } throws: { error in
                guard case TLSError.caFile(path, let reason) = error, !reason.hasPrefix("OpenSSL error") else { return false }
                return "\(error)".contains("--ca-file")
            }
        }
    }
}

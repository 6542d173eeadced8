import Curl
import Glibc
import OpenSSL
import TestSupport
import Testing

/// Whom TLS trusts, and that nobody else is.
@Suite struct RESTTLSTests {
    private let folder = TemporaryFolder()
    private let authority: TestAuthority

    init() throws { authority = try TestAuthority(in: folder) }

    /// How asking the server of `folder` ends; nil if it answers.
    private func fault(isTrusting: Bool = true, host: String = "localhost") throws -> RESTFailure? {
        let server = try RESTServer(in: folder, isTLS: true)
        let loop = try Loop(caFile: isTrusting ? folder.file("ca.pem") : nil)
        switch try loop.ask(RESTRequest(url: "https://\(host):\(server.port)/json")) {
        case .success(let answer):
            #expect(answer.body == Array(#"{"ok":true}"#.utf8))
            return nil
        case .failure(let failure):
            #expect(!failure.description.contains("\n"))
            guard case .tls = failure else { throw TestFault("\(failure)") }
            #expect(!failure.isNetwork)
            return failure
        }
    }

    @Test func goodServer_isTaken_byNameAndByAddress() throws {
        try authority.issue()
        #expect(try fault() == nil)
        #expect(try fault(host: "127.0.0.1") == nil)
    }

    @Test func unknownAuthority_isRefused() throws {
        try authority.issue()
        let text = try #require(try fault(isTrusting: false)).description
        #expect(text.contains("unable to get local issuer certificate"))
        #expect(text.contains("--ca-file"))
    }

    @Test func wrongName_isRefused() throws {
        try authority.issue(names: "DNS:example.com")
        let text = try #require(try fault()).description
        #expect(text.contains("correct the address"), "\(text)")
        #expect(try fault(host: "127.0.0.1") != nil)
    }

    @Test func expired_isRefused() throws {
        try authority.issue(to: "20210203040500Z")
        #expect(try #require(try fault()).description.contains("certificate has expired"))
    }

    @Test func selfSigned_isRefused() throws {
        try authority.issue(selfSigned: true)
        #expect(try #require(try fault()).description.contains("self-signed"))
    }

    @Test func weakKey_isRefused() throws {
        try authority.issue(rsaBits: 1024)
        let server = try TLSOnlyServer(in: folder, ["-cipher", "DEFAULT@SECLEVEL=0"])
        let failure = try Loop(caFile: folder.file("ca.pem")).failure(RESTRequest(url: server.origin))
        guard case .tls = failure else { throw TestFault("\(failure)") }
    }

    @Test func oldProtocol_isRefused() throws {
        try authority.issue()
        let server = try TLSOnlyServer(in: folder, ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"])
        let failure = try Loop(caFile: folder.file("ca.pem")).failure(RESTRequest(url: server.origin))
        guard case .tls = failure else { throw TestFault("\(failure)") }
    }

    @Test func serverWithoutTLS_isRefused() throws {
        let failure = try Loop().failure(RESTRequest(url: "https://127.0.0.1:\(RESTServer.shared.port)/json"))
        guard case .tls(let text) = failure else { throw TestFault("\(failure)") }
        #expect(text.contains("TLS failed"))
    }

    @Test func caFileThatCannotBeUsed_isToldAtOnce() throws {
        let path = folder.write("empty.pem", "")
        #expect { try RESTClient(caFile: path, version: "0") } throws: { error in
            guard case RESTFailure.tls(let text) = error else { return false }
            return text.contains(path) && text.contains("--ca-file")
        }
    }

    @Test func oneTrust_servesSeveralClients_andOutlivesNoneOfThem() throws {
        try authority.issue()
        let server = try RESTServer(in: folder, isTLS: true)
        for _ in 0..<2 {
            let client = try RESTClient(trusting: TLSContext(caFile: folder.file("ca.pem")), version: "0")
            let loop = Loop(client)
            #expect(try loop.answer("\(server.origin)/json").status == 200)
        }
    }

    /// In a process of its own: the system's authorities are told by its environment.
    @Test func caFile_isAddedToTheSystemsAuthorities() async throws {
        await #expect(processExitsWith: .success) {
            let system = TemporaryFolder()
            let own = TemporaryFolder()
            try TestAuthority(in: system).issue()
            try TestAuthority(in: own).issue()
            setenv("SSL_CERT_FILE", system.file("ca.pem"), 1)
            let servers = [try RESTServer(in: system, isTLS: true), try RESTServer(in: own, isTLS: true)]
            let both = try Loop(caFile: own.file("ca.pem"))
            for server in servers { #expect(try both.answer("\(server.origin)/json").status == 200) }
            let systemOnly = try Loop()
            #expect(try systemOnly.answer("\(servers[0].origin)/json").status == 200)
            guard case .tls = try systemOnly.failure(RESTRequest(url: servers[1].origin)) else { exit(1) }
        }
    }
}

import Curl
import Glibc
import TestSupport
import Testing

/// Each way of failing, in its own words, without a secret.
@Suite struct RESTFailureTests {
    private let origin = RESTServer.shared.origin
    private let loop: Loop

    init() throws { loop = try Loop() }

    /// A failure that must tell nothing of what only the server may know.
    private func failure(_ url: String, timeoutMicros: Int64 = 20_000_000, bodyBytesMax: Int = 1 << 20) throws -> RESTFailure {
        let failure = try loop.failure(
            RESTRequest(
                url: url + (url.contains("?") ? "&" : "?") + "key=hidden1", method: .post(body: Array("hidden2".utf8)),
                headers: [("X-Key", "hidden3")], timeoutMicros: timeoutMicros, bodyBytesMax: bodyBytesMax))
        #expect(!failure.description.contains("hidden"))
        return failure
    }

    @Test func slowServer_isTimedOut_withoutHoldingUpTheLoop() throws {
        let begin = Loop.monotonicMicros()
        let failure = try failure("\(origin)/slow?seconds=5", timeoutMicros: 1_500_000)
        #expect(failure == .timedOut("\(origin)/slow: no answer within 1500 ms; ask again, or allow more time"))
        #expect(Loop.monotonicMicros() - begin >= 1_500_000)
        #expect(loop.longestMicros < 1_000_000, "an advance waited")
        #expect(loop.turns < 100, "the loop spins")
        #expect(!failure.isNetwork)
    }

    @Test func answerThatTrickles_isTimedOut_andSaysHowMuchCame() throws {
        guard case .timedOut(let text) = try failure("\(origin)/trickle?seconds=0.1", timeoutMicros: 1_000_000) else {
            throw TestFault("other")
        }
        #expect(text.hasPrefix("\(origin)/trickle: the answer is not complete, "))
        #expect(text.hasSuffix(" bytes came within 1 s; ask again, or allow more time"))
    }

    @Test func noTimeAtAll_isTimedOutAtOnce() throws {
        let failure = try failure("\(origin)/slow?seconds=5", timeoutMicros: 0)
        guard case .timedOut = failure else { throw TestFault("\(failure)") }
        #expect(loop.turns <= 2)
    }

    @Test func tooLarge_isTold_whateverWayItComes() throws {
        #expect(try failure("\(origin)/big?bytes=100001", bodyBytesMax: 100_000) == .tooLarge)
        #expect(try failure("\(origin)/endless", bodyBytesMax: 1_000_000) == .tooLarge)
        #expect(try failure("\(origin)/chunked?chunks=1000", bodyBytesMax: 100) == .tooLarge)
        // 30 kB that become 30 MB.
        #expect(try failure("\(origin)/gzip?bytes=30000000", bodyBytesMax: 1_000_000) == .tooLarge)
        #expect(try failure("\(origin)/json", bodyBytesMax: 0) == .tooLarge)
        #expect(try loop.ask(RESTRequest(url: "\(origin)/big?bytes=100000", bodyBytesMax: 100_000)).get().body.count == 100_000)
    }

    @Test(arguments: ["reset?bytes=10", "reset?head=10", "cut", "silent", "chunked?chunks=3&cut=1", "badgzip"])
    func exchangeThatBreaks_isBroken_andTheNextOneIsNot(_ path: String) throws {
        let failure = try failure("\(origin)/\(path)")
        guard case .broken(let text) = failure else { throw TestFault("\(failure)") }
        #expect(text.hasPrefix("\(origin)/\(path.prefix { $0 != "?" }): the exchange broke ("))
        #expect(text.hasSuffix("); ask again"))
        #expect(try loop.answer("\(origin)/json").status == 200)
    }

    @Test func whatSpeaksNoHTTP_isBroken() throws {
        #expect(try failure("\(origin)/garbage") == .broken("\(origin)/garbage: what answers does not speak HTTP; correct the address"))
    }

    @Test func refusedConnection_isUnreachable() throws {
        let server = try RESTServer(in: TemporaryFolder())
        server.end()
        let failure = try failure("\(server.origin)/json")
        let reason = "Failed to connect to 127.0.0.1 port \(server.port): Connection refused"
        #expect(
            failure == .unreachable("\(server.origin)/json: no connection (\(reason)); check the network, then whether the server is up"))
        #expect(failure.isNetwork)
    }

    @Test func addressThatDoesNotAnswer_isUnreachable() throws {
        // A listener whose queue is full: the kernel drops what else comes.
        let listener = try FullListener()
        let failure = try failure("http://127.0.0.1:\(listener.port)/json", timeoutMicros: 500_000)
        let text = "http://127.0.0.1:\(listener.port)/json: no connection within 500 ms; check the network, then whether the server is up"
        #expect(failure == .unreachable(text))
        #expect(failure.isNetwork)
    }

    @Test func nameWithoutAddress_isUnresolved() throws {
        let failure = try failure("https://no.such.name.invalid/json", timeoutMicros: 2_000_000)
        guard case .unresolved(let text) = failure else { throw TestFault("\(failure)") }
        #expect(text.hasPrefix("https://no.such.name.invalid/json: the name "))
        #expect(failure.isNetwork)
        #expect(loop.longestMicros < 1_000_000, "an advance waited")
        #expect(RESTClient.isResolvingInBackground)
    }

    /// In a process of its own, whose name server is silent: the thread that looks up the name is stuck for ten seconds.
    @Test(.enabled(if: getuid() == 0, "only root may change its own resolv.conf"))
    func nameServerThatIsSilent_holdsNobodyUp() async throws {
        await #expect(processExitsWith: .success) {
            let folder = TemporaryFolder()
            let resolver = try SilentResolver(in: folder)
            try withExtendedLifetime(resolver) {
                let begin = Loop.monotonicMicros()
                let loop = try Loop()
                let failure = try loop.failure(RESTRequest(url: "https://example.com/json", timeoutMicros: 500_000))
                let text = "https://example.com/json: the name is not resolved within 500 ms; check the network"
                #expect(failure == .unresolved(text))
                loop.client.start(RESTRequest(url: "https://example.com/json"), id: 1)
                try loop.turn(sleepMillisMax: 50)
                loop.client.cancel(id: 1)
                loop.client.start(RESTRequest(url: "https://example.com/json"), id: 2)
                try loop.turn(sleepMillisMax: 50)
                #expect(try loop.answer("\(RESTServer.shared.origin)/json").status == 200)
                #expect(Loop.monotonicMicros() - begin < 4_000_000)
            }
        }
    }

    @Test func oneTooMany_saysThatItNeverHadItsTurn() throws {
        for id in 1...7 { loop.client.start(RESTRequest(url: "\(origin)/slow?seconds=5", timeoutMicros: 1_000_000), id: id) }
        try loop.runUntilIdle()
        let texts = (1...7).compactMap { loop.outcomes[$0] }.map { result in
            if case .failure(let failure) = result { failure.description } else { "answered" }
        }
        #expect(texts.filter { $0.contains("no answer within 1 s") }.count == 6)
        #expect(texts.filter { $0.contains("too much was asked before it") }.count == 1)
    }

    @Test(arguments: [
        "", "localhost/json", "ftp://localhost/", "file:///etc/passwd", "https://", "http://a b/", "http://a/\u{7}", "http://a:99999/",
        "gopher://localhost/", "http://a\0b/", "https:///path", "http://[::1/",
    ])
    func otherAddresses_areRefused(_ url: String) throws {
        let failure = try loop.failure(RESTRequest(url: url))
        guard case .badURL(let text) = failure else { throw TestFault("\(failure)") }
        #expect(text.contains("is not an http or https URL"))
        #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
    }

    @Test func addressWithAPassword_isRefused_andNotShown() throws {
        for url in ["https://user:hidden@localhost/", "https://hidden@localhost/", "foo://user:hidden@localhost/"] {
            let failure = try loop.failure(RESTRequest(url: url))
            guard case .badURL(let text) = failure else { throw TestFault("\(failure)") }
            #expect(!text.contains("hidden"))
        }
    }

    @Test(arguments: [
        ("X-Key", "hidden\r\nX-Other: 1"), ("X-Key", "hidden\n"), ("X-Key", "hidden\0"), ("X Key", "hidden"), ("", "hidden"),
        ("X-Key:", "hidden"), ("X-\nKey", "hidden"), ("X-K\u{E4}y", "hidden"),
    ])
    func headersThatWouldSayMore_areRefused_withoutTheirValue(_ name: String, _ value: String) throws {
        let request = RESTRequest(url: "\(origin)/echo?key=hidden", headers: [(name, value)])
        let failure = try loop.failure(request)
        guard case .badHeader(let text) = failure else { throw TestFault("\(failure)") }
        #expect(text.hasPrefix("\(origin)/echo: "))
        #expect(!text.contains("hidden"))
    }
}

import Curl
import TestSupport
import Testing

/// Redirects: three at most, to https only, and no header of ours to another origin.
@Suite struct RESTRedirectTests {
    /// Two servers of one authority, for all tests.
    private struct Places {
        let folder = TemporaryFolder()
        let here: RESTServer
        let there: RESTServer

        init() throws {
            try TestAuthority(in: folder).issue()
            here = try RESTServer(in: folder, isTLS: true)
            there = try RESTServer(in: folder, isTLS: true)
        }
    }

    nonisolated(unsafe) private static let shared: Result<Places, any Error> = Result { try Places() }

    private let places: Places
    private let loop: Loop

    init() throws {
        places = try RESTRedirectTests.shared.get()
        loop = try Loop(caFile: places.folder.file("ca.pem"))
    }

    private func request(_ from: RESTServer, to target: String, code: Int = 302, method: RESTRequest.Method = .get) -> RESTRequest {
        RESTRequest(
            url: "\(from.origin)/redirect?code=\(code)&to=\(target)", method: method,
            headers: [("X-Key", "hidden"), ("Authorization", "hidden")])
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func sameOrigin_keepsTheHeaders(_ code: Int) throws {
        let echo = try Echo(loop.ask(request(places.here, to: "/echo?a=1", code: code)).get())
        #expect(echo.path == "/echo?a=1")
        #expect(echo.headers["x-key"] == "hidden" && echo.headers["authorization"] == "hidden")
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func otherOrigin_getsNoneOfTheHeaders(_ code: Int) throws {
        // The same host at another port is another one.
        for target in [places.there.origin, "https://127.0.0.1:\(places.here.port)"] {
            let echo = try Echo(loop.ask(request(places.here, to: "\(target)/echo", code: code)).get())
            #expect(!echo.headers.values.contains("hidden"))
            #expect(echo.headers["user-agent"] == "mktpipe/0.0.test")
        }
    }

    @Test func headersDropped_stayDropped_onTheWayBack() throws {
        let back = "\(places.there.origin)/redirect?to=\(places.here.origin)/echo"
        let escaped = back.replacing("?", with: "%3F").replacing("=", with: "%3D")
        let echo = try Echo(loop.ask(request(places.here, to: escaped)).get())
        #expect(!echo.headers.values.contains("hidden"))
    }

    @Test func post_becomesAGet_orStaysOne_asRFC9110Says() throws {
        let body = Array("[1,2]".utf8)
        for code in [301, 302, 303] {
            let echo = try Echo(loop.ask(request(places.here, to: "/echo", code: code, method: .post(body: body))).get())
            #expect(echo.method == "GET" && echo.body.isEmpty && echo.headers["content-type"] == nil)
        }
        for code in [307, 308] {
            let echo = try Echo(loop.ask(request(places.here, to: "/echo", code: code, method: .post(body: body))).get())
            #expect(echo.method == "POST" && echo.body == "[1,2]" && echo.headers["content-type"] == "application/json")
        }
    }

    @Test func plainHTTP_mayLeadToTLS_butNothingLeadsToPlainHTTP() throws {
        let plain = RESTServer.shared
        let echo = try Echo(loop.ask(request(plain, to: "\(places.here.origin)/echo")).get())
        #expect(!echo.headers.values.contains("hidden"))
        for from in [plain, places.here] {
            let failure = try loop.failure(request(from, to: "\(plain.origin)/echo"))
            let text = "\(from.origin)/redirect: redirected to \(plain.origin)/echo, and only https is followed; correct the address"
            #expect(failure == .broken(text))
        }
        let relative = try loop.failure(request(plain, to: "/echo"))
        guard case .broken = relative else { throw TestFault("\(relative)") }
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://localhost/a", "https://user:hidden@localhost/", "gopher://localhost/"])
    func otherProtocols_areNotFollowed(_ target: String) throws {
        let failure = try loop.failure(request(places.here, to: target))
        guard case .broken(let text) = failure else { throw TestFault("\(failure)") }
        #expect(text.contains("redirected") && !text.contains("hidden"))
    }

    @Test func threeAreFollowed_fourAreNot() throws {
        #expect(try Echo(loop.answer("\(places.here.origin)/again?left=3")).path == "/again?left=0")
        let failure = try loop.failure(RESTRequest(url: "\(places.here.origin)/again?left=4"))
        #expect(failure == .broken("\(places.here.origin)/again: redirected more than 3 times; correct the address"))
    }

    @Test func wholeChain_hasTheTimeOfOneRequest() throws {
        var slow = request(places.here, to: "/slow?seconds=5")
        slow.timeoutMicros = 1_000_000
        let failure = try loop.failure(slow)
        guard case .timedOut = failure else { throw TestFault("\(failure)") }
    }

    @Test func redirectWithoutATarget_isAnAnswer() throws {
        #expect(try loop.answer("\(places.here.origin)/status?code=302").status == 302)
    }
}

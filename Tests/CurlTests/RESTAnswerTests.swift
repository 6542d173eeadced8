import Curl
import Glibc
import TestSupport
import Testing

/// What servers answer when all is well, or as well as it gets.
@Suite struct RESTAnswerTests {
    private let origin = RESTServer.shared.origin
    private let loop: Loop

    init() throws { loop = try Loop() }

    @Test func json_comesWhole() throws {
        let answer = try loop.answer("\(origin)/json")
        #expect(answer.status == 200)
        #expect(answer.body == Array(#"{"ok":true}"#.utf8))
        #expect(answer.contentType == "application/json")
        #expect(answer.retryAfter == nil)
        #expect(loop.client.isIdle && loop.client.deadlineMicros == nil)
    }

    @Test func date_isTheServersClock() throws {
        let before = Int64(time(nil)) - 1
        let answer = try loop.answer("\(origin)/json")
        let seconds = try #require(answer.dateMicros) / 1_000_000
        #expect((before...Int64(time(nil)) + 1).contains(seconds))
        let fixed = try loop.answer("\(origin)/strange?date=Sun,+06+Nov+1994+08:49:37+GMT")
        #expect(fixed.dateMicros == 784_111_777_000_000)
    }

    @Test func headersThatNobodyShouldSend_areNilOrCleaned() throws {
        let answer = try loop.answer("\(origin)/strange")
        #expect(answer.dateMicros == nil)
        #expect(answer.contentType == "text/?[31mred")
        #expect(answer.body == Array("{}".utf8))
    }

    @Test func compressedBody_comesDecompressed() throws {
        #expect(try loop.answer("\(origin)/gzip?bytes=100000").body == [UInt8](repeating: UInt8(ascii: "x"), count: 100_000))
        let encodings = try #require(try Echo(loop.answer("\(origin)/echo")).headers["accept-encoding"])
        #expect(encodings.contains("gzip") && encodings.contains("deflate") && encodings.contains("br"))
    }

    @Test func chunkedBody_comesJoined() throws {
        #expect(try loop.answer("\(origin)/chunked?chunks=1000").body == Array((0..<1000).map { "\($0)," }.joined().utf8))
    }

    @Test func largeBody_comesWhole() throws {
        #expect(try loop.answer("\(origin)/big?bytes=20000000").body.count == 20_000_000)
    }

    @Test func statusesOfRefusal_areAnswers() throws {
        let absent = try loop.answer("\(origin)/nowhere")
        #expect(absent.status == 404)
        #expect(absent.body == Array(#"{"error":"not found"}"#.utf8))
        let failed = try loop.answer("\(origin)/failed")
        #expect(failed.status == 500)
        #expect(failed.contentType == "text/html")
        #expect(failed.body == Array("<html><h1>oops</h1></html>".utf8))
        for status in [400, 401, 403, 503, 599] {
            #expect(try loop.answer("\(origin)/status?code=\(status)").status == status)
        }
    }

    @Test(arguments: [("7", "7"), ("Sun,+06+Nov+1994+08:49:37+GMT", "Sun, 06 Nov 1994 08:49:37 GMT")])
    func tooManyRequests_sayWhenToAskAgain(_ sent: String, _ told: String) throws {
        let answer = try loop.answer("\(origin)/busy?after=\(sent)")
        #expect(answer.status == 429)
        #expect(answer.retryAfter == told)
        #expect(answer.contentType == "text/html; charset=utf-8")
    }

    @Test func question_isSentAsAsked() throws {
        let headers = [(name: "X-Key", value: "a b: c"), (name: "X-Empty", value: ""), (name: "Accept", value: "application/json")]
        let echo = try Echo(loop.ask(RESTRequest(url: "\(origin)/echo?a=1&b=%20", headers: headers)).get())
        #expect(echo.method == "GET")
        #expect(echo.path == "/echo?a=1&b=%20")
        #expect(echo.headers["x-key"] == "a b: c")
        #expect(echo.headers["x-empty"]?.isEmpty == true)
        #expect(echo.headers["accept"] == "application/json")
        #expect(echo.headers["user-agent"] == "mktpipe/0.0.test")
        #expect(echo.headers["cookie"] == nil && echo.headers["authorization"] == nil)
    }

    @Test func fragment_isNotSent() throws {
        #expect(try Echo(loop.answer("\(origin)/echo#part")).path == "/echo")
    }

    @Test(arguments: [0, 1, 100, 2_000_000])
    func post_sendsItsBody_asJSON(_ count: Int) throws {
        let body = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let echo = try Echo(loop.ask(RESTRequest(url: "\(origin)/echo", method: .post(body: body))).get())
        #expect(echo.method == "POST")
        #expect(Array(echo.body.unicodeScalars.map { UInt8($0.value) }) == body)
        #expect(echo.headers["content-type"] == "application/json")
        #expect(echo.headers["content-length"] == String(count))
        #expect(echo.headers["expect"] == nil)
    }

    @Test func typeOfPostedBody_canBeSaid() throws {
        let request = RESTRequest(url: "\(origin)/echo", method: .post(body: [1]), headers: [("content-TYPE", "text/plain")])
        #expect(try Echo(loop.ask(request).get()).headers["content-type"] == "text/plain")
    }

    @Test func getAfterPost_onTheSameConnection_sendsNoBody() throws {
        _ = try loop.ask(RESTRequest(url: "\(origin)/echo", method: .post(body: [1, 2, 3]))).get()
        let echo = try Echo(loop.answer("\(origin)/echo"))
        #expect(echo.method == "GET" && echo.body.isEmpty && echo.headers["content-length"] == nil)
    }
}

import Curl
import TestSupport
import Testing

/// What servers answer when all is well, or as well as it gets.
@Suite struct RESTAnswerTests {
    private let folder = TemporaryFolder()
    private let server: RESTServer
    private let loop: Loop

    init() throws {
        server = try RESTServer(in: folder)
        loop = try Loop()
    }

    @Test func json_comesWhole() throws {
        let answer = try loop.answer("\(server.origin)/json")
        #expect(answer.status == 200)
        #expect(answer.body == Array(#"{"ok":true}"#.utf8))
        #expect(answer.contentType == "application/json")
        #expect(answer.retryAfter == nil)
    }
}

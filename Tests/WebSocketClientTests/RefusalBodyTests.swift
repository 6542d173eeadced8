import Testing
import WebSocket

@testable import WebSocketClient

@Suite struct RefusalBodyTests {
    /// What a body says after each byte was brought by itself.
    private static func read(_ text: String, _ length: WebSocketRefusal.Body) -> (text: String, bytesUntilComplete: Int?) {
        var body = RefusalBody(length)
        var complete = body.isComplete ? 0 : nil
        for (at, byte) in text.utf8.enumerated() {
            [byte].withUnsafeBufferPointer { body.append($0) }
            if complete == nil, body.isComplete { complete = at + 1 }
        }
        return (body.text, complete)
    }

    @Test(
        arguments: [
            ("no", .bytes(2), "no", 2),
            ("no more", .bytes(2), "no", 2),
            ("", .bytes(0), "", 0),
            ("nothing\r\nhere", .untilClose, "nothing here", nil),
            ("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", .chunked, "abcde", 18),
            ("3;name=\"v\"\r\nabc\r\n0\r\nTrailer: x\r\n\r\n", .chunked, "abc", 20),
            ("A\r\n0123456789\r\n", .chunked, "0123456789", nil),
            ("000000a \r\n0123456789\r\n", .chunked, "0123456789", nil),
            ("5\r\nab", .chunked, "ab", nil),
            ("zz\r\nabc", .chunked, "", 4),
            ("-3\r\nabc", .chunked, "", 4),
            ("fffffffff\r\nabc", .chunked, "", 11),
        ] as [(String, WebSocketRefusal.Body, String, Int?)])
    func body_isReadAsLongAsItSays(_ coded: String, _ length: WebSocketRefusal.Body, _ text: String, _ complete: Int?) {
        let read = Self.read(coded, length)
        #expect(read.text == text)
        #expect(read.bytesUntilComplete == complete)
    }

    @Test func longBody_isEnough_at64KiB() {
        let read = Self.read(String(repeating: "x", count: 70_000), .untilClose)
        #expect(read.text == String(repeating: "x", count: 500))
        #expect(read.bytesUntilComplete == 65536)
    }
}

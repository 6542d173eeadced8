import FeedSession
import JSON
import Testing

@Suite struct RecordingReaderTests {
    /// A line as text: `kind conn … time`, or the error's message.
    private func read(_ line: String) -> String {
        var line = line
        return line.withUTF8 { bytes in
            var reader = RecordingReader()
            do throws(RecordingError) {
                switch try reader.read(bytes) {
                case .opened(let conn, let time): return "open \(conn) \(time.micros)"
                case .sent(let conn, let frame, let time): return "sent \(conn) \(plain(frame)) \(time.micros)"
                case .received(let conn, let frame, let time): return "raw \(conn) \(plain(frame)) \(time.micros)"
                case .closed(let conn, let code, let reason, _, let time):
                    return "close \(conn) \(code) \(reason?.string ?? "-") \(time.micros)"
                case .answered(let path, let status, let body, let time):
                    return "get \(path.string) \(status) \(plain(body)) \(time.micros)"
                }
            } catch { return error.message }
        }
    }

    /// Frames come with their escapes resolved: the bytes as they are, not `string`.
    private func plain(_ text: JSONText) -> String { String(decoding: text.bytes, as: UTF8.self) }

    @Test(arguments: [
        (#"{"recv_us":5,"conn":1,"open":"wss://x"}"#, "open 1 5"),
        (#"{"sent_us":6,"conn":2,"sent":"PING"}"#, "sent 2 PING 6"),
        (#"{"recv_us":7,"conn":1,"raw":"{\"a\":\"\\u00e9\",\"b\":\"\\\\\"}\n"}"#, "raw 1 {\"a\":\"\\u00e9\",\"b\":\"\\\\\"}\n 7"),
        (#"{"recv_us":7,"conn":1,"raw":"\u20ac\ud83d\ude00 plain"}"#, "raw 1 €😀 plain 7"),
        (#"{"recv_us":8,"conn":1,"close":1013,"reason":"slow \"consumer\""}"#, "close 1 1013 slow \"consumer\" 8"),
        (#"{"recv_us":8,"conn":1,"close":1006,"reason":""}"#, "close 1 1006  8"),
        (#"{"recv_us":8,"conn":1,"close":1006,"reason":null}"#, "close 1 1006 - 8"),
        (#"{"recv_us":8,"conn":1,"close":1006}"#, "close 1 1006 - 8"),
        (#"{"recv_us":9,"get":"/book?a=\"b\"","status":404,"body":"{\"e\":1}"}"#, "get /book?a=\"b\" 404 {\"e\":1} 9"),
    ])
    func everyKindOfLine_isRead(line: String, entry: String) {
        #expect(read(line) == entry)
        #expect(read("\t" + line.replacing(",\"", with: " ,\r \"") + " ") == entry || line.contains("\\"))
    }

    @Test func keysInAnyOrder_unknownOnesAndQuotedNumbers_areTaken() {
        #expect(read(#"{"raw":"x","note":{"a":[1]},"conn":"3","recv_us":"7"}"#) == "raw 3 x 7")
        #expect(read(#"{"body":"b","status":"200","get":"/","recv_us":1e1}"#) == "get / 200 b 10")
        #expect(read(#"{"conn":1,"conn":4,"recv_us":1,"recv_us":7,"raw":"a","raw":"b"}"#) == "raw 4 b 7")
    }

    @Test(arguments: [
        (#"{"recv_us":5,"raw":"x"}"#, "\"conn\" is missing or not a number from 1 up"),
        (#"{"recv_us":5,"conn":0,"raw":"x"}"#, "\"conn\" is missing or not a number from 1 up"),
        (#"{"recv_us":5,"conn":"one","raw":"x"}"#, "\"conn\" is missing or not a number from 1 up"),
        (#"{"conn":1,"raw":"x"}"#, "\"recv_us\" is missing or no time"),
        (#"{"recv_us":-1,"conn":1,"raw":"x"}"#, "\"recv_us\" is missing or no time"),
        (#"{"recv_us":1.5,"conn":1,"raw":"x"}"#, "\"recv_us\" is missing or no time"),
        (#"{"recv_us":9007199254740993,"conn":1,"raw":"x"}"#, "\"recv_us\" is missing or no time"),
        (#"{"recv_us":99999999999999999999,"conn":1,"open":"x"}"#, "\"recv_us\" is missing or no time"),
        (#"{"recv_us":5,"conn":1,"sent":"x"}"#, "\"sent_us\" is missing or no time"),
        (#"{"sent_us":5,"conn":1,"raw":"x"}"#, "\"recv_us\" is missing or no time"),
        (#"{"recv_us":5,"conn":1}"#, "none of open, sent, raw, close and get"),
        (#"{"recv_us":5,"conn":1,"close":"x"}"#, "none of open, sent, raw, close and get"),
        (#"{"recv_us":5,"get":"/","body":"x"}"#, "a REST answer without recv_us, status or body"),
        (#"{"recv_us":5,"get":"/","status":200}"#, "a REST answer without recv_us, status or body"),
        (#"{"get":"/","status":200,"body":"x"}"#, "a REST answer without recv_us, status or body"),
    ])
    func lineWithoutWhatItNeeds_isRefused(line: String, message: String) { #expect(read(line) == message) }

    @Test(arguments: [
        "", "{", "[]", "5", "null", #"{"recv_us":5,"conn":1,"raw":"x""#, #"{"recv_us":5,"conn":1,"raw":5}"#,
        #"{"recv_us":5,"conn":1,"raw":null}"#,
        #"{"recv_us":5,"conn":1,"raw":"\x"}"#, #"{"recv_us":5,"conn":1,"raw":"\ud800"}"#, #"{"recv_us":5,"conn":1,"open":true}"#,
        #"{"recv_us":{},"conn":1,"raw":"x"}"#, #"{"recv_us":5,"conn":1,"raw":"x"} trailing"#,
        "{\"recv_us\":5,\"conn\":1,\"raw\":\"a\u{1}b\"}",
    ])
    func lineThatIsNoJSONOrOfWrongKinds_isRefused(line: String) { #expect(read(line).hasPrefix("not JSON")) }

    @Test func everyCutOfALine_isRefused() {
        let line = Array(#"{"recv_us":7,"conn":1,"raw":"{\"a\":\"\\u00e9\"}\n"}"#.utf8)
        for cut in 0..<line.count { #expect(read(String(decoding: line[..<cut], as: UTF8.self)).hasPrefix("not JSON"), "\(cut)") }
    }

    @Test func oneReader_forgetsTheFrameBefore() throws {
        var reader = RecordingReader()
        for (escaped, expected) in [("\\n\\n\\nlong", "\n\n\nlong"), ("\\t", "\t"), ("plain", "plain")] {
            let line = Array(#"{"recv_us":7,"conn":1,"raw":"\#(escaped)"}"#.utf8)
            try line.withUnsafeBufferPointer { bytes in
                if case .received(_, let frame, _) = try reader.read(bytes) {
                    #expect(plain(frame) == expected)
                } else {
                    Issue.record("no frame")
                }
            }
        }
    }
}

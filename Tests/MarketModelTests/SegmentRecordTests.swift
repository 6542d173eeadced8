import JSON
import MarketModel
import Testing

@Suite struct SegmentRecordTests {
    private func read(_ line: String) -> SegmentRecord? {
        var line = line
        return line.withUTF8 { SegmentRecord(line: $0) }
    }

    private let record = SegmentRecord(name: "07-a%22.ndjson", feed: "a\"", lines: 2, bytes: 99, first: -5, last: 7, sha256: "00ff")

    @Test func aLine_isWrittenAndRead() {
        var buffer = ByteBuffer(capacity: 16)
        record.append(to: &buffer)
        let text = buffer.text.string
        let start = #"{"name":"07-a%22.ndjson","feed":"a\"","lines":2,"bytes":99,"#
        #expect(text == start + #""first_recv_us":-5,"last_recv_us":7,"sha256":"00ff"}"# + "\n")
        #expect(read(String(text.dropLast())) == record)
    }

    @Test func otherOrdersAndKeys_areRead() {
        let start = #" {"x":[1,{"y":2}],"sha256":"00ff","bytes":99,"lines":2,"last_recv_us":7,"#
        #expect(read(start + #""first_recv_us":-5,"feed":"a\u0022","name":"07-a%22.ndjson"}"#) == record)
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"name":"a","lines":1,"bytes":1,"first_recv_us":1}"#,
        #"{"name":"a","lines":1,"bytes":1,"first_recv_us":1,"last_recv_us""#,
        #"{"name":"a","lines":-1,"bytes":1,"first_recv_us":1,"last_recv_us":1}"#,
        #"{"name":7,"lines":1,"bytes":1,"first_recv_us":1,"last_recv_us":1}"#,
    ])
    func whatDoesNotTellAll_isNone(line: String) {
        #expect(read(line) == nil)
    }
}

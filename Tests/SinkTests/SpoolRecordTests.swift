import JSON
import Testing

@testable import mkt_sink

@Suite struct SpoolRecordTests {
    private func record(_ line: String, number: Int64 = 12_345, occurrence: Int64 = 0) -> [UInt8] {
        var buffer = ByteBuffer()
        var scratch = ByteBuffer()
        var line = line
        line.withUTF8 { SpoolRecord.append($0, number: number, occurrence: occurrence, to: &buffer, scratch: &scratch) }
        return Array(buffer.bytes)
    }

    private func read(_ bytes: [UInt8]) -> (Int64, Int64, String)? {
        bytes.withUnsafeBufferPointer { bytes in
            SpoolRecord(bytes).map { ($0.number, $0.occurrence, String(decoding: $0.line, as: UTF8.self)) }
        }
    }

    @Test(arguments: [("{}", 0, 0), (Lines.trade(), 12_345, 7), (#"{"a":"}\n","é":1}"#, 999_999_999_999_999_999, 1)])
    func whatIsWritten_isRead(line: String, number: Int64, occurrence: Int64) throws {
        let bytes = record(line, number: number, occurrence: occurrence)
        #expect(bytes.last == UInt8(ascii: "\n"))
        let told = try #require(read(bytes.dropLast()))
        #expect(told == (number, occurrence, line))
    }

    /// The checksum was computed by another program: Python, over the table of RFC 3720.
    @Test func theSpelling_isThatOfThePage() {
        let text = String(decoding: record("{}", number: 3, occurrence: 1), as: UTF8.self)
        #expect(text.hasSuffix(#"","number":3,"occurrence":1,"line":{}}"# + "\n"))
        #expect(text == #"{"crc32c":"4ab3da1c","number":3,"occurrence":1,"line":{}}"# + "\n")
    }

    @Test func noOtherBytes_areARecord() {
        let whole = Array(record(Lines.delta()).dropLast())
        for place in whole.indices {
            for change: UInt8 in [1, 0x20, 0x80] {
                var bytes = whole
                bytes[place] ^= change
                #expect(read(bytes) == nil, "byte \(place)")
            }
            #expect(read(Array(whole[..<place])) == nil)
            #expect(read(Array(whole[(place + 1)...])) == nil)
        }
        #expect(read(whole + whole) == nil)
    }
}

import JSON
import MarketModel
import Testing

@testable import mkt_sink

@Suite struct CanonicalJSONTests {
    private func canonical(_ text: String) throws -> String {
        var text = text
        return try text.withUTF8 { bytes in
            var buffer = ByteBuffer()
            try CanonicalJSON.append(JSONText(base: bytes.baseAddress!, count: bytes.count), .fee, to: &buffer)
            return String(decoding: buffer.bytes, as: UTF8.self)
        }
    }

    @Test(arguments: [
        (#" { "b" : 1 , "a" : [ 1.50 , 5e-1, -0 ] } "#, #"{"a":[1.5,0.5,0],"b":1}"#),
        (#"{"a":1,"a":2}"#, #"{"a":2}"#),
        (#"{"b":1,"a":0,"b":2,"a":3,"c":{"z":1,"y":2}}"#, #"{"a":3,"b":2,"c":{"y":2,"z":1}}"#),
        (#"{"\u0061":1,"a\/b":"\u00fc\/"}"#, #"{"a":1,"a/b":"ü/"}"#),
        ("9223372036854775807", "9223372036854775807"),
        ("1790267321911204", "1790267321911204"),
        ("1e12", "1000000000000"),
        ("1e-06", "0.000001"),
        ("9223372036854.775807", "9223372036854.775807"),
        (#"[true,false,null,"\u007f\t"]"#, #"[true,false,null,"\u007f\t"]"#),
        ("[]", "[]"), ("{}", "{}"), (#"{"a":{},"b":[[]]}"#, #"{"a":{},"b":[[]]}"#),
    ])
    func spellsAValueInOneWay(text: String, expected: String) throws {
        #expect(try canonical(text) == expected)
        #expect(try canonical(expected) == expected)
    }

    @Test(arguments: ["1.0000001", "1e300", "[{\"a\":9223372036854775808}]", "1e-9"])
    func refusesANumber_thatCannotBeKeptExactly(text: String) {
        #expect(throws: EventError.outOfRange(.fee)) { try canonical(text) }
    }

    @Test func followsContainersAsDeepAsTheScanner() throws {
        let deep = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        #expect(try canonical(deep) == deep)
    }
}

import JSON
import TestSupport
import Testing

/// The short cut for a member spelled as expected: it takes what the strict rules would take, or nothing.
@Suite struct JSONScannerCanonicalTests {
    private let page = GuardedPage()
    private static let padding = #","pad":"sixteen bytes and more"}"#

    /// What the short cut takes of `{"a":1<text>`, `"a"` being read already; and the key that comes next.
    private func take(_ text: String) throws -> (taken: String?, next: String?) {
        var scanner = JSONScanner(page.place(Array((#"{"a":1"# + text).utf8)))
        try scanner.beginObject()
        _ = try scanner.nextKey()
        _ = try scanner.number()
        let taken = scanner.takeString(spelled: #""price":""#)?.string
        return (taken, try scanner.nextKey()?.string)
    }

    @Test(arguments: ["", "0.5", "12345678901234567", "a value that is longer than two blocks of bytes"])
    func memberSpelledSo_isTaken(_ value: String) throws {
        for comma in [",", ", "] {
            let (taken, next) = try take(comma + #""price":"\#(value)""# + Self.padding)
            #expect(taken == value && next == "pad")
        }
    }

    @Test(arguments: [
        #",  "price":"0.5""#, #" ,"price":"0.5""#, #","price" :"0.5""#, #","price": "0.5""#, #","price":0.5"#, #","price":null"#,
        #","price":"0\u002e5""#, #","price":"é""#, #","pr\u0069ce":"0.5""#, #","pricf":"0.5""#,
    ])
    func anythingElse_isLeftToTheLongWay(_ member: String) throws {
        let (taken, next) = try take(member + Self.padding)
        #expect(taken == nil && (next == "price" || next == "pricf"))
    }

    @Test func memberOfAFreshObject_hasNoComma() throws {
        for (lead, isTaken) in [("", true), (",", false), (" ", false), (", ", false)] {
            var scanner = JSONScanner(page.place(Array("{\(lead)\"price\":\"0.5\"\(Self.padding)".utf8)))
            try scanner.beginObject()
            #expect((scanner.takeString(spelled: #""price":""#) != nil) == isTaken)
        }
    }

    @Test func textCutAnywhere_isRefusedAsByTheLongWay() {
        let whole = Array((#"{"a":1,"price":"0.5""# + Self.padding).utf8)
        for cut in 1..<whole.count {
            let piece = Array(whole[..<cut])
            #expect(throws: JSONError.self) {
                var scanner = JSONScanner(page.place(piece))
                try scanner.beginObject()
                _ = try scanner.nextKey()
                _ = try scanner.number()
                _ = scanner.takeString(spelled: #""price":""#)
                while try scanner.nextKey() != nil { try scanner.skipValue() }
            }
        }
    }

    @Test func everyByteInTheValue_isTakenOrLeftAsTheStrictRulesSay() {
        for place in 0..<20 {
            for byte in UInt8.min ... .max {
                var value = [UInt8](repeating: UInt8(ascii: "7"), count: 20)
                value[place] = byte
                let text = Array(#"{"price":""#.utf8) + value + Array((#"""# + Self.padding).utf8)
                var (fast, slow) = (JSONScanner(page.place(text)), JSONScanner(page.place(text)))
                try? fast.beginObject()
                try? slow.beginObject()
                guard let taken = fast.takeString(spelled: #""price":""#)?.array else { continue }
                _ = try? slow.nextKey()
                if (try? slow.string().array) != taken { Issue.record("\(place) \(byte)") }
            }
        }
    }

    @Test func wholeNumber_isTakenWhereTheLongWayTakesTheSame() {
        let numbers = ["0", "7", "10", "12345678", "123456789", "1790267100025485", "123456789012345678", "1234567890123456789"]
        let others = ["", "-1", "01", "00", "1.0", "1e3", "\"5\"", "1 ", "x", "12345678x", "1234567x"]
        for number in numbers + others {
            for end in [",", "}", "]", " ,", ""] {
                let bytes = Array((number + end).utf8)
                var (fast, slow) = (JSONScanner(page.place(bytes)), JSONScanner(page.place(bytes)))
                let taken = fast.takeWhole()
                let isTaken = numbers.contains(number) && number.count <= 18 && (end == "," || end == "}")
                #expect((taken != nil) == isTaken, "\(number)\(end)")
                if taken != nil { #expect((try? slow.number().integer) == taken && fast.offset == slow.offset) }
                if taken == nil { #expect(fast.offset == 0) }
            }
        }
    }
}

import JSON
import TestSupport
import Testing

/// The pull calls: what each takes, what each refuses, where it then stands.
@Suite struct JSONScannerTests {
    private let page = GuardedPage()

    private func scanner(_ text: String) -> JSONScanner { JSONScanner(page.place(Array(text.utf8))) }

    private func reason(_ body: () throws(JSONError) -> Void) -> JSONError.Reason? {
        do {
            try body()
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func message_isWalkedInOrder() throws {
        var scanner = scanner(#" { "a" : [ 1 , "x" , [ ] , { } ] , "b" : null , "c" : true } "#)
        try scanner.beginObject()
        #expect(try scanner.nextKey()?.string == "a")
        try scanner.beginArray()
        #expect(try scanner.nextElement())
        #expect(try scanner.number().string == "1")
        #expect(try scanner.nextElement())
        #expect(try scanner.string().string == "x")
        #expect(try scanner.nextElement())
        #expect(try scanner.value().string == "[ ]")
        #expect(try scanner.nextElement())
        try scanner.skipValue()
        #expect(try !scanner.nextElement())
        #expect(try scanner.nextKey()?.string == "b")
        #expect(try scanner.takeNull())
        #expect(try scanner.nextKey()?.string == "c")
        #expect(try scanner.bool())
        #expect(try scanner.nextKey() == nil)
        try scanner.finish()
    }

    @Test(arguments: [
        ("{}", JSONScanner.Kind.object), ("[]", .array), ("\"\"", .string), ("0", .number), ("-1", .number), ("true", .bool),
        ("false", .bool), ("null", .null), (" \t\r\n[]", .array),
    ])
    func peekKind_tellsTheKind_andTakesNothing(_ text: String, _ kind: JSONScanner.Kind) throws {
        var scanner = scanner(text)
        #expect(try scanner.peekKind() == kind)
        #expect(try scanner.peekKind() == kind)
        try scanner.skipValue()
        try scanner.finish()
    }

    @Test(arguments: ["{}", "[]", "\"a\"", "1", "true", "null"])
    func otherKind_isRefusedAndStaysUnread(_ text: String) throws {
        var scanner = scanner(text)
        let kind = try scanner.peekKind()
        if kind != .object { #expect(reason { () throws(JSONError) in try scanner.beginObject() } == .wrongKind) }
        if kind != .array { #expect(reason { () throws(JSONError) in try scanner.beginArray() } == .wrongKind) }
        if kind != .string { #expect(reason { () throws(JSONError) in _ = try scanner.string() } == .wrongKind) }
        if kind != .number { #expect(reason { () throws(JSONError) in _ = try scanner.number() } == .wrongKind) }
        if kind != .bool { #expect(reason { () throws(JSONError) in _ = try scanner.bool() } == .wrongKind) }
        if kind != .null { #expect(try !scanner.takeNull()) }
        #expect(scanner.offset == 0)
        try scanner.skipValue()
        try scanner.finish()
    }

    @Test func numberOrString_takesBoth_andNothingElse() throws {
        var both = scanner(#"["0.5",0.5]"#)
        try both.beginArray()
        for _ in 0..<2 {
            #expect(try both.nextElement())
            #expect(try both.numberOrString().string == "0.5")
        }
        for text in ["true", "null", "[]", "{}"] {
            var other = scanner(text)
            #expect(reason { () throws(JSONError) in _ = try other.numberOrString() } == .wrongKind)
        }
    }

    @Test(arguments: [
        ("", JSONError.Reason.unexpectedEnd, 0), ("[1,", .unexpectedEnd, 3), ("[1}", .unexpectedByte, 2), ("[01]", .invalidNumber, 2),
        ("[1.]", .invalidNumber, 3), ("\"\\x\"", .invalidEscape, 1), ("\"\\ud800\"", .loneSurrogate, 7), ("\"a\nb\"", .controlCharacter, 2),
        ("{} x", .trailingBytes, 3), ("[tru]", .unexpectedByte, 1), ("\"abc", .unexpectedEnd, 4),
    ])
    func fault_isNamedWithItsPlace(_ text: String, _ reason: JSONError.Reason, _ offset: Int) {
        #expect(Walks.fault(page.place(Array(text.utf8))).skip == JSONError(reason, offset: offset))
    }

    @Test func invalidUTF8_isNamedWithItsPlace() {
        let fault = Walks.fault(page.place([0x22, 0x61, 0xC0, 0x22])).skip
        #expect(fault == JSONError(.invalidUTF8, offset: 2))
    }

    @Test func depth129_isTooDeep_alsoWhenHalfIsPulledAndHalfSkipped() throws {
        for pulled in [1, 64, 127, 128] {
            let count = 129
            var scanner = scanner(String(repeating: "[", count: count) + String(repeating: "]", count: count))
            for level in 0..<pulled {
                try scanner.beginArray()
                if level < pulled { _ = try scanner.nextElement() }
            }
            #expect(reason { () throws(JSONError) in try scanner.skipValue() } == .tooDeep)
        }
    }

    /// A pair is an array, and counts like one: the short way takes it at the depth where the strict rules do.
    @Test func pairAtDepth129_isNotTaken() throws {
        for depth in [0, 127, 128] {
            var scanner = scanner(String(repeating: "[", count: depth) + "[0.5,2]" + String(repeating: "]", count: depth))
            for _ in 0..<depth {
                try scanner.beginArray()
                _ = try scanner.nextElement()
            }
            #expect((scanner.takePair() != nil) == (depth < JSONScanner.depthMax), "depth \(depth)")
        }
    }

    @Test func value_isGivenWithoutTheBlanksAroundIt() throws {
        var scanner = scanner(" [ 1 , 2 ]  ")
        let value = try scanner.value()
        #expect(value.string == "[ 1 , 2 ]")
        try scanner.finish()
    }

    @Test func emptyBufferWithoutAddress_isRefused() {
        #expect(Walks.accepts(UnsafeBufferPointer(start: nil, count: 0)) == false)
    }

    @Test func everyReason_hasWordsAndPlace() throws {
        for raw in UInt8.min...9 {
            let reason = try #require(JSONError.Reason(rawValue: raw))
            #expect(JSONError(reason, offset: 7).description.hasSuffix(" at byte 7"))
        }
    }

    @Test func randomCutsOfAMessage_areRefused_andNothingBeyondIsRead() {
        let message =
            #"{"market":"0x9027","price_changes":[{"asset_id":"7486","price":"0.78","size":"30","side":"BUY","hash":"éß🙂\ud83d\ude00"}],"timestamp":1790267321830.5e-1,"deep":[[[{}]]],"t":true,"f":false,"n":null}"#
        let bytes = Array(message.utf8)
        var random = SeededGenerator(seed: 2)
        #expect(Walks.accepts(page.place(bytes)) == true)
        for _ in 0..<20_000 {
            let lower = random.below(bytes.count)
            let upper = lower + random.below(bytes.count - lower + 1)
            let piece = Array(bytes[lower..<upper])
            if Walks.accepts(page.place(piece)) != SlowJSON.accepts(piece) { Issue.record("piece \(lower)..<\(upper)") }
        }
    }
}

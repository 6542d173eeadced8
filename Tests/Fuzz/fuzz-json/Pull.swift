import FuzzSupport
import JSON

/// Takes every key and value out of a text, and holds the short cuts against the long way on the way.
enum Pull {
    static func value(_ scanner: inout JSONScanner) throws(JSONError) {
        try checkTypedValue(scanner)
        switch try scanner.peekKind() {
        case .object:
            try scanner.beginObject()
            while true {
                let before = scanner
                guard let key = try scanner.nextKey() else { break }
                checkKey(key, before, after: scanner)
                check(string: key)
                try value(&scanner)
            }
        case .array:
            checkPair(scanner)
            try scanner.beginArray()
            while try scanner.nextElement() { try value(&scanner) }
        case .string: check(string: try scanner.string())
        case .number: Decimals.check(try scanner.number())
        case .bool: _ = try scanner.bool()
        case .null: Fuzzer.expect(try scanner.takeNull(), "null is not taken")
        }
    }

    /// A string that is unescaped and escaped again is the same string.
    private static func check(string text: JSONText) {
        var plain = ByteBuffer(capacity: 1)
        plain.append(unescaping: text)
        Fuzzer.expect(plain.count <= text.count, "an escape grows")
        var written = ByteBuffer(capacity: 1)
        written.append(string: text)
        var again = JSONScanner(written.bytes)
        guard let read = try? again.string(), (try? again.finish()) != nil else { fatalError("what was written cannot be read") }
        var replain = ByteBuffer(capacity: 1)
        replain.append(unescaping: read)
        Fuzzer.expect(replain.bytes.elementsEqual(plain.bytes), "written and read, another string")
        Fuzzer.expect(text.string.utf8.elementsEqual(plain.bytes), "string and bytes differ")
    }

    /// `typedValue` is `value`, with the quotes of a string left off.
    private static func checkTypedValue(_ scanner: JSONScanner) throws(JSONError) {
        var (long, short) = (scanner, scanner)
        let kind = try long.peekKind()
        let start = long.offset
        var fault: JSONError?
        var text: JSONText?
        do throws(JSONError) { text = try long.value() } catch { fault = error }
        do throws(JSONError) {
            let typed = try short.typedValue()
            Fuzzer.expect(typed.kind == kind && short.offset == long.offset, "typedValue goes elsewhere")
            let inset = kind == .string ? 1 : 0
            Fuzzer.expect(
                text.map { $0.base + inset == typed.text.base && $0.count == typed.text.count + 2 * inset } == true,
                "typedValue is not value at \(start)")
        } catch {
            Fuzzer.expect(fault != nil, "typedValue refuses with \(error)")
        }
    }

    /// `takePair` takes what the strict rules take, or nothing.
    private static func checkPair(_ scanner: JSONScanner) {
        var (short, long) = (scanner, scanner)
        guard let pair = short.takePair() else {
            return Fuzzer.expect(short.offset == scanner.offset, "a pair that is none moves the reader")
        }
        var numbers: [Int64] = []
        do {
            try long.beginArray()
            while try long.nextElement() { numbers.append(try Decimal6.parse(try long.number())) }
        } catch {
            fatalError("\(pair) is taken, and \(error)")
        }
        Fuzzer.expect(numbers == [pair.0, pair.1] && long.offset == short.offset, "\(pair) is \(numbers)")
    }

    /// `takeKey` takes a key in our own spelling only, and then all of it; both forms of it.
    private static func checkKey(_ key: JSONText, _ before: JSONScanner, after: JSONScanner) {
        var spelling = ByteBuffer(capacity: 1)
        spelling.append(UInt8(ascii: "\""))
        spelling.append(key.bytes)
        spelling.append("\":")
        var short = before
        let isTaken = short.takeKey(spelled: spelling.bytes)
        Fuzzer.expect(short.offset == (isTaken ? after : before).offset, "takeKey goes elsewhere")
        var quick = before
        let isTakenQuickly = quick.takeKey(spelled: KeySpelling(key.bytes))
        Fuzzer.expect(quick.offset == (isTakenQuickly ? after : before).offset, "the quick takeKey goes elsewhere")
        Fuzzer.expect(!isTakenQuickly || isTaken, "the quick takeKey takes more than the other")
    }
}

import JSON
import Testing

/// The two ways through a text: stepping over it, and pulling everything out of it.
enum Walks {
    /// Steps over the one value of the text.
    static func skip(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        var scanner = JSONScanner(bytes)
        try scanner.skipValue()
        try scanner.finish()
    }

    /// Takes every key and value of the text, as a reader of messages would.
    static func pull(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        var scanner = JSONScanner(bytes)
        try pullValue(&scanner)
        try scanner.finish()
    }

    private static func pullValue(_ scanner: inout JSONScanner) throws(JSONError) {
        switch try scanner.peekKind() {
        case .object:
            try scanner.beginObject()
            while let key = try scanner.nextKey() {
                _ = key.string
                try pullValue(&scanner)
            }
        case .array:
            try scanner.beginArray()
            while try scanner.nextElement() { try pullValue(&scanner) }
        case .string: _ = try scanner.string().string
        case .number: _ = try scanner.number()
        case .bool: _ = try scanner.bool()
        case .null: _ = try scanner.takeNull()
        }
    }

    /// The fault that both ways agree on; nil if both accept.
    ///
    /// The two name different words for some faults, but never differ in whether there is one.
    static func fault(_ bytes: UnsafeBufferPointer<UInt8>) -> (skip: JSONError?, pull: JSONError?) {
        var faults: (skip: JSONError?, pull: JSONError?)
        do { try skip(bytes) } catch { faults.skip = error }
        do { try pull(bytes) } catch { faults.pull = error }
        return faults
    }

    /// Whether both ways accept. They must agree.
    static func accepts(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool? {
        let faults = fault(bytes)
        guard (faults.skip == nil) == (faults.pull == nil) else { return nil }
        return faults.skip == nil
    }
}

/// One text of the conformance suite, under the name that the public suite gives it.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]

    init(_ name: String, _ text: String) {
        self.name = name
        bytes = Array(text.utf8)
    }

    init(_ name: String, _ bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// `["` + bytes + `"]`.
    init(_ name: String, inString bytes: [UInt8]) {
        self.init(name, Array("[\"".utf8) + bytes + Array("\"]".utf8))
    }

    var testDescription: String { name }
}

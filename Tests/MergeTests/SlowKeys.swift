/// The keys of a line by a plain recursive reader of all of it: slow, strict, and sharing nothing with the code it judges.
struct SlowKeys: Equatable {
    var received: Int64
    var type: String?
    var market: String?
    var instrument: String?

    /// nil: not legal JSON, no object, or no whole `recv_us`.
    static func read(_ bytes: [UInt8]) -> SlowKeys? {
        guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
        var reader = SlowReader(bytes: bytes)
        guard let value = reader.document(), case .object(let members) = value else { return nil }
        var received: Int64?
        var keys = SlowKeys(received: 0)
        for (key, value) in members {
            var text: String?
            if case .string(let string) = value { text = string }
            switch key {
            case "recv_us":
                if case .number(let number) = value { text = number }
                received = text.flatMap(integer)
            case "type": keys.type = text
            case "market": keys.market = text
            case "instrument": keys.instrument = text
            default: break
            }
        }
        guard let received else { return nil }
        keys.received = received
        return keys
    }

    /// Works on the digits as text.
    static func integer(_ text: String) -> Int64? {
        var reader = SlowReader(bytes: Array(text.utf8))
        guard let value = reader.document(), case .number(text) = value else { return nil }
        var rest = text[...]
        let sign = rest.hasPrefix("-") ? "-" : ""
        rest = rest.drop { $0 == "-" }
        let parts = rest.split { $0 == "e" || $0 == "E" }
        let exponent = parts.count > 1 ? Int(parts[1].drop { $0 == "+" })! : 0
        let digits = parts[0].split(separator: ".")
        var whole = String(digits[0])
        var fraction = digits.count > 1 ? String(digits[1]) : ""
        if whole.allSatisfy({ $0 == "0" }), fraction.allSatisfy({ $0 == "0" }) { return 0 }
        guard abs(exponent) < 100 else { return nil }
        for _ in 0..<abs(exponent) {
            if exponent > 0 {
                whole.append(fraction.isEmpty ? "0" : fraction.removeFirst())
            } else {
                fraction.insert(whole.isEmpty ? "0" : whole.removeLast(), at: fraction.startIndex)
            }
        }
        guard fraction.allSatisfy({ $0 == "0" }) else { return nil }
        let plain = whole.drop { $0 == "0" }
        return Int64(sign + (plain.isEmpty ? "0" : plain))
    }
}

/// A tree of JSON values.
indirect enum SlowValue {
    case object([(String, SlowValue)])
    case array([SlowValue])
    case string(String)
    case number(String)
    case word(String)
}

/// Recursive descent over RFC 8259.
struct SlowReader {
    let bytes: [UInt8]
    var at = 0

    mutating func document() -> SlowValue? {
        guard let value = value() else { return nil }
        blanks()
        return at == bytes.count ? value : nil
    }

    private var byte: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func blanks() {
        while let byte, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { at += 1 }
    }

    private mutating func take(_ character: Character) -> Bool {
        guard byte == character.asciiValue else { return false }
        at += 1
        return true
    }

    private mutating func value() -> SlowValue? {
        blanks()
        switch byte.map({ Character(Unicode.Scalar($0)) }) {
        case "{": return object()
        case "[": return array()
        case "\"": return string().map { .string($0) }
        case "t": return word("true")
        case "f": return word("false")
        case "n": return word("null")
        default: return number()
        }
    }

    private mutating func word(_ text: String) -> SlowValue? {
        guard bytes[at...].starts(with: text.utf8) else { return nil }
        at += text.utf8.count
        return .word(text)
    }

    private mutating func object() -> SlowValue? {
        guard take("{") else { return nil }
        var members: [(String, SlowValue)] = []
        blanks()
        if take("}") { return .object([]) }
        repeat {
            blanks()
            guard let key = string() else { return nil }
            blanks()
            guard take(":"), let value = value() else { return nil }
            members.append((key, value))
            blanks()
        } while take(",")
        return take("}") ? .object(members) : nil
    }

    private mutating func array() -> SlowValue? {
        guard take("[") else { return nil }
        var elements: [SlowValue] = []
        blanks()
        if take("]") { return .array([]) }
        repeat {
            guard let value = value() else { return nil }
            elements.append(value)
            blanks()
        } while take(",")
        return take("]") ? .array(elements) : nil
    }

    private mutating func digits() -> Bool {
        let start = at
        while let byte, byte >= 0x30, byte <= 0x39 { at += 1 }
        return at > start
    }

    private mutating func number() -> SlowValue? {
        let start = at
        _ = take("-")
        if !take("0") { guard digits() else { return nil } }
        if take(".") { guard digits() else { return nil } }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard digits() else { return nil }
        }
        return .number(String(decoding: bytes[start..<at], as: UTF8.self))
    }

    private mutating func string() -> String? {
        guard take("\"") else { return nil }
        var units: [UInt16] = []
        var plain: [UInt8] = []
        while let next = byte {
            at += 1
            switch next {
            case 0x22:
                units += String(decoding: plain, as: UTF8.self).utf16
                return String(validating: units, as: UTF16.self)
            case 0x5C:
                units += String(decoding: plain, as: UTF8.self).utf16
                plain = []
                guard let unit = escape() else { return nil }
                units.append(unit)
            case 0..<0x20: return nil
            default: plain.append(next)
            }
        }
        return nil
    }

    private mutating func escape() -> UInt16? {
        guard let next = byte else { return nil }
        at += 1
        let simple: [Character: UInt16] = [
            "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
        ]
        if let unit = simple[Character(Unicode.Scalar(next))] { return unit }
        guard next == 0x75, at + 4 <= bytes.count else { return nil }
        let hex = bytes[at..<(at + 4)]
        guard hex.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 }) else { return nil }
        at += 4
        return UInt16(String(decoding: hex, as: UTF8.self), radix: 16)
    }
}

/// A reader of RFC 8259 that shares no idea with the one under test: recursive, byte by byte, whole characters by arithmetic.
public struct SlowJSON {
    private let bytes: [UInt8]
    private var at = 0

    public static func accepts(_ bytes: [UInt8]) -> Bool {
        var reader = SlowJSON(bytes: bytes)
        reader.blanks()
        guard reader.value(depth: 0) else { return false }
        reader.blanks()
        return reader.at == bytes.count
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: Character? { at < bytes.count && bytes[at] < 0x80 ? Character(Unicode.Scalar(bytes[at])) : nil }

    private mutating func take(_ text: String) -> Bool {
        guard bytes[at...].starts(with: text.utf8) else { return false }
        at += text.utf8.count
        return true
    }

    private mutating func blanks() {
        while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
    }

    private mutating func value(depth: Int) -> Bool {
        switch next {
        case "{": return list(depth: depth, close: "}") { $0.string() && $0.colon() && $0.value(depth: depth + 1) }
        case "[": return list(depth: depth, close: "]") { $0.value(depth: depth + 1) }
        case "\"": return string()
        case "t": return take("true")
        case "f": return take("false")
        case "n": return take("null")
        default: return number()
        }
    }

    private mutating func colon() -> Bool {
        blanks()
        guard take(":") else { return false }
        blanks()
        return true
    }

    private mutating func list(depth: Int, close: String, _ member: (inout SlowJSON) -> Bool) -> Bool {
        guard depth < 128 else { return false }
        at += 1
        blanks()
        if take(close) { return true }
        while true {
            guard member(&self) else { return false }
            blanks()
            if take(close) { return true }
            guard take(",") else { return false }
            blanks()
        }
    }

    private mutating func digits() -> Int {
        let start = at
        while let character = next, ("0"..."9").contains(character) { at += 1 }
        return at - start
    }

    private mutating func number() -> Bool {
        _ = take("-")
        let isZero = next == "0"
        let whole = digits()
        guard whole == 1 || (whole > 1 && !isZero) else { return false }
        if take("."), digits() == 0 { return false }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            if digits() == 0 { return false }
        }
        return true
    }

    private mutating func string() -> Bool {
        guard take("\"") else { return false }
        while at < bytes.count {
            if take("\"") { return true }
            if take("\\") {
                guard escape() else { return false }
            } else {
                guard let scalar = scalar(), scalar >= 0x20 else { return false }
            }
        }
        return false
    }

    private mutating func escape() -> Bool {
        if let character = next, "\"\\/bfnrt".contains(character) {
            at += 1
            return true
        }
        guard let unit = codeUnit() else { return false }
        if (0xDC00...0xDFFF).contains(unit) { return false }
        guard (0xD800...0xDBFF).contains(unit) else { return true }
        guard take("\\"), let low = codeUnit() else { return false }
        return (0xDC00...0xDFFF).contains(low)
    }

    private mutating func codeUnit() -> Int? {
        guard take("u"), at + 4 <= bytes.count else { return nil }
        let digits = bytes[at..<at + 4]
        guard digits.allSatisfy({ $0 < 0x80 && Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        at += 4
        return Int(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    /// One character; its value must need exactly as many bytes as it takes and be one of Unicode's.
    private mutating func scalar() -> Int? {
        let lead = Int(bytes[at])
        let size = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0
        guard size > 0, at + size <= bytes.count else { return nil }
        var value = size == 1 ? lead : lead & (0x7F >> size)
        for byte in bytes[(at + 1)..<(at + size)] {
            guard byte >> 6 == 2 else { return nil }
            value = value * 64 + Int(byte) - 0x80
        }
        let needed = value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x10000 ? 3 : 4
        guard needed == size, value <= 0x10FFFF, !(0xD800...0xDFFF).contains(value) else { return nil }
        at += size
        return value
    }
}

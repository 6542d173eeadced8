import JSON
import MarketModel

/// Reads the keys of any JSON object, stepping over values by their brackets and quotes.
struct LineKeyScanner {
    /// A value as it stands: the inside of a string, or the whole of anything else.
    private struct Value {
        var text: JSONText
        var isString: Bool
    }

    private var at: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>

    static func keys(of line: UnsafeBufferPointer<UInt8>, names: Bool) -> LineKeys? {
        guard let base = line.baseAddress else { return nil }
        var scanner = LineKeyScanner(at: base, end: base + line.count)
        return scanner.object(names)
    }

    private mutating func object(_ names: Bool) -> LineKeys? {
        skipBlanks()
        guard take("{") else { return nil }
        var keys = LineKeys(received: 0)
        var received: Int64?
        skipBlanks()
        guard !take("}") else { return nil }
        repeat {
            skipBlanks()
            guard take("\""), let key = string(), let field = LineKeyScanner.field(key) else { return nil }
            skipBlanks()
            guard take(":") else { return nil }
            skipBlanks()
            guard let value = value() else { return nil }
            skipBlanks()
            switch field {
            case .recvUs: received = LineKeyScanner.integer(value)
            case .type where names: keys.type = value.isString ? LineKeyScanner.checked(value) : nil
            case .market where names: keys.market = value.isString ? LineKeyScanner.checked(value) : nil
            case .instrument where names: keys.instrument = value.isString ? LineKeyScanner.checked(value) : nil
            default: break
            }
        } while take(",")
        guard take("}") else { return nil }
        skipBlanks()
        guard at == end, let received else { return nil }
        keys.received = received
        return keys
    }

    /// Which of our keys a key is, `v` standing for all that do not matter; nil if its escapes are none of JSON's.
    private static func field(_ key: JSONText) -> EventField? {
        if key.hasEscapes {
            guard let checked = checked(key) else { return nil }
            let plain = checked.string
            return [.recvUs, .type, .market, .instrument].first { "\($0.name)" == plain } ?? .v
        }
        switch key.count {
        case 7: return key.isEqual(to: "recv_us") ? .recvUs : .v
        case 4: return key.isEqual(to: "type") ? .type : .v
        case 6: return key.isEqual(to: "market") ? .market : .v
        case 10: return key.isEqual(to: "instrument") ? .instrument : .v
        default: return .v
        }
    }

    /// A whole number in any of JSON's spellings, or nil. Escapes in digits (`"\u0031"`) are legal and absurd.
    private static func integer(_ value: Value) -> Int64? {
        guard let text = checked(value) else { return nil }
        guard text.hasEscapes else { return text.integer }
        var plain = ByteBuffer(capacity: text.count)
        plain.append(unescaping: text)
        return plain.text.integer
    }

    private static func checked(_ value: Value) -> JSONText? {
        value.isString ? checked(value.text) : value.text
    }

    /// The inside of a string once its escapes are known to be JSON's, as whoever resolves them relies on; nil if they are not.
    private static func checked(_ text: JSONText) -> JSONText? {
        guard text.hasEscapes else { return text }
        // With the quotes on both sides, which are inside the line.
        var scanner = JSONScanner(JSONText(base: text.base - 1, count: text.count + 2))
        return try? scanner.string()
    }
}

/// Steps. Each gives nil or false where the line is not as it must be.
extension LineKeyScanner {
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard at < end, at.pointee == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    private mutating func skipBlanks() {
        while at < end, LineKeyScanner.isBlank(at.pointee) { at += 1 }
    }

    /// The rest of a string whose opening quote is taken, and its closing quote.
    private mutating func string() -> JSONText? {
        let start = at
        var hasEscapes = false
        while true {
            at = StringScan.stop(from: at, to: end)
            guard at < end else { return nil }
            switch at.pointee {
            case UInt8(ascii: "\""):
                defer { at += 1 }
                return JSONText(base: start, count: at - start, hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                guard end - at >= 2 else { return nil }
                hasEscapes = true
                at += 2
            default: return nil
            }
        }
    }

    private mutating func value() -> Value? {
        guard at < end else { return nil }
        let start = at
        switch at.pointee {
        case UInt8(ascii: "\""):
            at += 1
            return string().map { Value(text: $0, isString: true) }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard skipContainer() else { return nil }
        default:
            while at < end, LineKeyScanner.isScalar(at.pointee) { at += 1 }
            guard at > start else { return nil }
        }
        return Value(text: JSONText(base: start, count: at - start), isString: false)
    }

    /// Whether a number or a word may hold the byte.
    private static func isScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    /// Counts brackets; strings are stepped over. As deep as the line likes: nothing is kept for a level.
    private mutating func skipContainer() -> Bool {
        var depth = 0
        while at < end {
            let byte = at.pointee
            at += 1
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return true }
            case UInt8(ascii: "\""): guard string() != nil else { return false }
            case 0..<0x20: guard LineKeyScanner.isBlank(byte) else { return false }
            default: break
            }
        }
        return false
    }
}

import JSON
import MarketModel

/// Values that the venue nests: lists that may be JSON or a string that holds JSON, and members of small objects.
enum PolymarketList {
    /// `["a","b"]`, or `"[\"a\",\"b\"]"`: both occur for the same field (dossier §4.2).
    static func strings(_ value: JSONText, _ field: StaticString) throws(PolymarketFault) -> [String] {
        do {
            var scanner = JSONScanner(value)
            if try scanner.peekKind() == .string {
                var inner = ByteBuffer(capacity: value.count)
                inner.append(unescaping: try scanner.string())
                return try list(inner.text)
            }
            return try list(value)
        } catch {
            throw .wrong(field)
        }
    }

    /// The same for token ids, none of which may be empty.
    static func tokens(_ value: JSONText, _ field: StaticString) throws(PolymarketFault) -> [String] {
        let tokens = try strings(value, field)
        guard !tokens.contains("") else { throw .wrong(field) }
        return tokens
    }

    private static func list(_ text: JSONText) throws(JSONError) -> [String] {
        var scanner = JSONScanner(text)
        var strings: [String] = []
        try scanner.beginArray()
        while try scanner.nextElement() { strings.append(try scanner.string().string) }
        try scanner.finish()
        return strings
    }

    /// A string member of an object; nil if it is not there, or if there is no object (`null`).
    static func member(_ name: StaticString, of value: JSONText) throws(JSONError) -> String? {
        var scanner = JSONScanner(value)
        guard try scanner.peekKind() == .object else { return nil }
        try scanner.beginObject()
        var found: String?
        while let key = try scanner.nextKey() {
            if key.isEqual(to: name), try scanner.peekKind() == .string {
                found = try scanner.string().string
            } else {
                try scanner.skipValue()
            }
        }
        return found
    }
}

/// The fee parameters of a market: shares × rate × (p(1-p))^exponent, takers only (dossier §4.5).
enum PolymarketFeeSchedule {
    static func read(_ value: JSONText, rate rateKey: StaticString, exponent exponentKey: StaticString) throws(PolymarketFault) -> Fee {
        var rate: Int64?
        var exponent: Int64?
        do {
            var scanner = JSONScanner(value)
            guard try scanner.peekKind() == .object else { return Fee(.unknown) }
            try scanner.beginObject()
            while let key = try scanner.nextKey() {
                if key.isEqual(to: rateKey) {
                    rate = try? Decimal6.parse(try scanner.numberOrString())
                } else if key.isEqual(to: exponentKey) {
                    exponent = try? Decimal6.parse(try scanner.numberOrString())
                } else {
                    try scanner.skipValue()
                }
            }
        } catch {
            throw .wrong("fee_schedule")
        }
        guard let rate, let exponent else { return Fee(.unknown) }
        if rate == 0 { return Fee(.free) }
        return Fee(.quadratic, takerRate: rate, makerRate: 0, exponent: exponent, multiplier: Decimal6.one)
    }
}

import JSON
import MarketModel

/// Values as the venue spells them; the field's name goes into the fault.
extension JSONScanner {
    /// A string that must be there.
    @inline(__always)
    mutating func text(_ field: StaticString) throws -> JSONText {
        guard try peekKind() == .string else { throw KalshiFault.wrong(field) }
        return try string()
    }

    /// A string, or nil for null.
    mutating func optionalText(_ field: StaticString) throws -> JSONText? {
        try takeNull() ? nil : try text(field)
    }

    /// A price in dollars, 0 to 1, as a decimal string.
    @inline(__always)
    mutating func dollars(_ field: StaticString) throws -> Price { try JSONScanner.dollars(try text(field), field) }

    /// The price that the inside of a string tells.
    @inline(__always)
    static func dollars(_ text: JSONText, _ field: StaticString) throws -> Price {
        let price = Price(millionths: try millionths(text, field))
        guard price.isProbability else { throw KalshiFault.wrong(field) }
        return price
    }

    /// A number of contracts as a decimal string, not below zero.
    @inline(__always)
    mutating func count(_ field: StaticString) throws -> Size {
        let size = Size(millionths: try JSONScanner.millionths(try text(field), field))
        guard size >= .zero else { throw KalshiFault.wrong(field) }
        return size
    }

    /// A signed number of contracts as a decimal string.
    @inline(__always)
    mutating func change(_ field: StaticString) throws -> Int64 { try JSONScanner.change(try text(field), field) }

    /// The signed number that the inside of a string tells.
    @inline(__always)
    static func change(_ text: JSONText, _ field: StaticString) throws -> Int64 {
        guard text.count > 1, text.base[0] == UInt8(ascii: "-"), text.base[1] &- UInt8(ascii: "0") <= 9 else {
            return try millionths(text, field)
        }
        // The quick way of the decimals knows no sign.
        return -(try millionths(JSONText(base: text.base + 1, count: text.count - 1), field))
    }

    @inline(__always)
    private static func millionths(_ text: JSONText, _ field: StaticString) throws -> Int64 {
        do {
            return try Decimal6.parse(text)
        } catch {
            throw KalshiFault.wrong(field)
        }
    }

    /// A decimal as a string or a plain number, or nil for null.
    mutating func optionalDecimal(_ field: StaticString) throws -> Int64? {
        if try takeNull() { return nil }
        let kind = try peekKind()
        guard kind == .string || kind == .number else { throw KalshiFault.wrong(field) }
        return try JSONScanner.millionths(try numberOrString(), field)
    }

    /// A whole number of seconds since 1970, or nil for null.
    mutating func optionalSeconds(_ field: StaticString) throws -> Timestamp? {
        if try takeNull() { return nil }
        guard try peekKind() == .number, let moment = JSONScanner.moment(try number(), microsEach: 1_000_000) else {
            throw KalshiFault.wrong(field)
        }
        return moment
    }

    /// A time that describes and decides nothing: RFC 3339 as a string, else a number of `microsEach`; nil where it cannot be read.
    mutating func looseTime(microsEach: Int64) throws -> Timestamp? {
        switch try peekKind() {
        case .string: return Timestamp(rfc3339: try string())
        case .number: return JSONScanner.moment(try number(), microsEach: microsEach)
        default:
            try skipValue()
            return nil
        }
    }

    private static func moment(_ number: JSONText, microsEach: Int64) -> Timestamp? {
        number.integer.flatMap { moment($0, microsEach: microsEach) }
    }

    /// Microseconds since 1970 of a count of something longer; nil for what is beyond them.
    static func moment(_ count: Int64, microsEach: Int64) -> Timestamp? {
        let (micros, overflow) = count.multipliedReportingOverflow(by: microsEach)
        return overflow ? nil : Timestamp(micros: micros)
    }

    /// `[{"start":"0.0000","end":"1.0000","step":"0.0100"},…]` in rising order, or nil for null.
    mutating func optionalPriceRanges(_ field: StaticString) throws -> [PriceRange]? {
        if try takeNull() { return nil }
        guard try peekKind() == .array else { throw KalshiFault.wrong(field) }
        var ranges: [PriceRange] = []
        try beginArray()
        while try nextElement() { ranges.append(try priceRange(field)) }
        return ranges.sorted { $0.start < $1.start }
    }

    private mutating func priceRange(_ field: StaticString) throws -> PriceRange {
        guard try peekKind() == .object else { throw KalshiFault.wrong(field) }
        var (start, end, step): (Price?, Price?, Price?)
        try beginObject()
        while let key = try nextKey() {
            if key.isEqual(to: "start") {
                start = try dollars("price_ranges.start")
            } else if key.isEqual(to: "end") {
                end = try dollars("price_ranges.end")
            } else if key.isEqual(to: "step") {
                step = try dollars("price_ranges.step")
            } else {
                try skipValue()
            }
        }
        guard let start, let end, let step else { throw KalshiFault.missing("price_ranges") }
        return PriceRange(start: start, end: end, step: step)
    }
}

import JSON
import MarketModel

/// The venue's decimal strings. `.48` stands in old samples; `""` is "none" in some fields and no number.
enum PolymarketDecimal {
    /// A price, 0 to 1.
    static func price(_ text: JSONText, _ field: StaticString) throws(PolymarketFault) -> Price {
        let price = Price(millionths: try millionths(text, field))
        guard price.isProbability else { throw .outOfRange(field) }
        return price
    }

    /// A size, not below zero.
    static func size(_ text: JSONText, _ field: StaticString) throws(PolymarketFault) -> Size {
        let size = Size(millionths: try millionths(text, field))
        guard size >= .zero else { throw .outOfRange(field) }
        return size
    }

    static func millionths(_ text: JSONText, _ field: StaticString) throws(PolymarketFault) -> Int64 {
        do {
            return try Decimal6.parse(text, bareFraction: true)
        } catch {
            throw error == .notANumber ? .wrong(field) : .outOfRange(field)
        }
    }

    /// The venue's time in milliseconds since 1970, as a string.
    static func timestamp(_ text: JSONText?) throws(PolymarketFault) -> Timestamp {
        guard let text else { throw .missing("timestamp") }
        guard let millis = text.integer, millis >= 0, millis < Int64.max / 1000 else { throw .wrong("timestamp") }
        return Timestamp(micros: millis * 1000)
    }

    /// Whether the texts of a level are what the writer would make of it; those of a level that is taken away do not matter.
    static func isPlain(_ level: Level, price: JSONText, size: JSONText) -> Bool {
        level.size == .zero || (isCanonical(price) && isCanonical(size))
    }

    /// Whether the text is the one that the writer would make of its value: then the text need not be kept.
    static func isCanonical(_ text: JSONText) -> Bool {
        let bytes = text.bytes
        guard let first = bytes.first, first &- UInt8(ascii: "0") <= 9, let last = bytes.last else { return false }
        if first == UInt8(ascii: "0"), bytes.count > 1, bytes[1] != UInt8(ascii: ".") { return false }
        var hasPoint = false
        for byte in bytes where byte &- UInt8(ascii: "0") > 9 {
            if byte != UInt8(ascii: ".") || hasPoint { return false }
            hasPoint = true
        }
        return !hasPoint || (last != UInt8(ascii: "0") && last != UInt8(ascii: "."))
    }
}

import JSON
import MarketModel

/// Cells of fields that may be absent.
extension EventRow {
    /// `true` and `false` as 1 and 0.
    mutating func append(bool value: Bool?) {
        append(integer: value.map { $0 ? 1 : 0 })
    }

    /// A price, 0 to 1.
    mutating func append(price field: EventField, of decoder: borrowing EventDecoder) throws(EventError) {
        guard try decoder.millionths(field) != nil else { return append(integer: nil) }
        append(integer: try decoder.requirePrice(field).millionths)
    }

    /// A size or an amount that is not below zero.
    mutating func append(size field: EventField, of decoder: borrowing EventDecoder) throws(EventError) {
        guard try decoder.millionths(field) != nil else { return append(integer: nil) }
        append(integer: try decoder.requireSize(field).millionths)
    }

    /// An object or array as canonical JSON.
    mutating func append(
        json field: EventField, of decoder: borrowing EventDecoder, _ kind: JSONScanner.Kind
    ) throws(EventError) {
        guard let text = try decoder.container(field) else { return append(integer: nil) }
        guard text.base[0] == UInt8(ascii: kind == .object ? "{" : "[") else { throw .wrongValue(field) }
        try append { (buffer: inout ByteBuffer) throws(EventError) in
            try CanonicalJSON.append(text, field, to: &buffer)
        }
    }

    /// One side of a quote as two cells, price and size.
    ///
    /// `[p,s]` is both; `[p,null]` a price alone; `null` (nobody bids) a size of 0 alone; a key that is absent is neither.
    mutating func append(
        quote field: EventField, of decoder: borrowing EventDecoder, isRequired: Bool
    ) throws(EventError) {
        guard let text = try decoder.container(field) else {
            if isRequired, !decoder.has(field) { throw .missing(field) }
            append(integer: nil)
            return append(integer: decoder.has(field) ? 0 : nil)
        }
        let (price, size): (JSONText, JSONText?)
        do {
            guard let parts = try EventRow.quoteParts(text) else { throw EventError.wrongValue(field) }
            (price, size) = parts
        } catch let error as EventError {
            throw error
        } catch {
            throw .wrongValue(field)
        }
        let priceValue = try EventRow.amount(price, field)
        guard Price(millionths: priceValue).isProbability else { throw .outOfRange(field) }
        append(integer: priceValue)
        append(integer: try size.map { (text) throws(EventError) in try EventRow.amount(text, field) })
    }

    /// The texts of price and size; nil if it is anything but a pair.
    private static func quoteParts(_ text: JSONText) throws(JSONError) -> (JSONText, JSONText?)? {
        var scanner = JSONScanner(text)
        try scanner.beginArray()
        guard try scanner.nextElement() else { return nil }
        let price = try scanner.numberOrString()
        guard try scanner.nextElement() else { return nil }
        let size = try scanner.takeNull() ? nil : try scanner.numberOrString()
        guard try !scanner.nextElement() else { return nil }
        return (price, size)
    }

    private static func amount(_ text: JSONText, _ field: EventField) throws(EventError) -> Int64 {
        let value: Int64
        do {
            value = try Decimal6.parse(text)
        } catch {
            throw error == .notANumber ? .wrongValue(field) : .outOfRange(field)
        }
        guard value >= 0 else { throw .outOfRange(field) }
        return value
    }
}

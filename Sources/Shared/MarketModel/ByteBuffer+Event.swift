public import JSON

/// The one spelling of MarketEvents: keys in the contract's order, nothing that is not known.
///
/// A line is `beginEvent`, then its payload keys in order, then `endEvent`.
extension ByteBuffer {
    /// Starts a line up to the end of its envelope.
    public mutating func beginEvent(
        _ kind: EventKind, _ origin: EventOrigin, conn: Int64? = nil, seq: Int64? = nil, received: Timestamp,
        venueTime: Timestamp? = nil
    ) {
        let name = kind.name
        let sized = name.utf8CodeUnitCount + origin.bytes.count
        // The envelope's own texts have fewer than 64 bytes.
        let room = spare(sized + 64 + 4 * DigitText.roomMax)
        var envelope = EnvelopePen(room)
        envelope.put("{\"v\":1,\"type\":\"")
        envelope.put(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        envelope.put("\",")
        origin.bytes.withUnsafeBufferPointer { envelope.put($0) }
        if let conn { envelope.put(",\"conn\":", conn) }
        if let seq { envelope.put(",\"seq\":", seq) }
        envelope.put(",\"recv_us\":", received.micros)
        if let venueTime { envelope.put(",\"venue_us\":", venueTime.micros) }
        commit(envelope.at - room)
    }

    /// A whole line of kind `book_delta` that changes one level.
    public mutating func append(
        delta level: Level, _ side: Side, _ origin: EventOrigin, conn: Int64?, seq: Int64, received: Timestamp, venueTime: Timestamp?,
        isVerified: Bool
    ) {
        // The line's own texts have fewer than 128 bytes.
        let room = spare(origin.bytes.count + 128 + 6 * DigitText.roomMax)
        var line = EnvelopePen(room)
        line.put("{\"v\":1,\"type\":\"book_delta\",")
        origin.bytes.withUnsafeBufferPointer { line.put($0) }
        if let conn { line.put(",\"conn\":", conn) }
        line.put(",\"seq\":", seq)
        line.put(",\"recv_us\":", received.micros)
        if let venueTime { line.put(",\"venue_us\":", venueTime.micros) }
        line.put(side == .bid ? ",\"bids\":[[" : ",\"bids\":[],\"asks\":[[")
        line.put(millionths: level.price.millionths)
        line.put(",")
        line.put(millionths: level.size.millionths)
        line.put(side == .bid ? "]],\"asks\":[]" : "]]")
        line.put(isVerified ? ",\"verified\":true}\n" : "}\n")
        commit(line.at - room)
    }

    /// Ends a line.
    public mutating func endEvent() { append("}\n") }

    /// A comma, a key and its colon.
    public mutating func appendKey(_ field: EventField) {
        append(",\"")
        append(field.name)
        append("\":")
    }

    public mutating func append(_ field: EventField, integer value: Int64?) {
        guard let value else { return }
        appendKey(field)
        append(integer: value)
    }

    public mutating func append(_ field: EventField, millionths value: Int64?) {
        guard let value else { return }
        appendKey(field)
        append(millionths: value)
    }

    public mutating func append(_ field: EventField, string value: String?) {
        guard let value else { return }
        appendKey(field)
        append(string: value)
    }

    public mutating func append(_ field: EventField, string value: JSONText?) {
        guard let value else { return }
        appendKey(field)
        append(string: value)
    }

    /// A word of the contract's own, which needs no escapes.
    public mutating func append(_ field: EventField, word value: StaticString?) {
        guard let value else { return }
        appendKey(field)
        append(UInt8(ascii: "\""))
        append(value)
        append(UInt8(ascii: "\""))
    }

    public mutating func append(_ field: EventField, bool value: Bool?) {
        guard let value else { return }
        appendKey(field)
        append(value ? "true" : "false")
    }

    /// Levels, given best first; at most `depth` of them.
    public mutating func append(_ field: EventField, levels: some Sequence<Level>, depth: Int = .max) {
        appendKey(field)
        append(levels: levels, depth: depth)
    }

    /// The levels that one message changed, side by side, each best first.
    public mutating func append(bids: [Level], asks: [Level]) {
        append(",\"bids\":")
        append(levels: bids, depth: .max)
        append(",\"asks\":")
        append(levels: asks, depth: .max)
    }

    @inline(__always)
    private mutating func append(levels: some Sequence<Level>, depth: Int) {
        append(UInt8(ascii: "["))
        var written = 0
        for level in levels {
            if written == depth { break }
            if written > 0 { append(UInt8(ascii: ",")) }
            append(level)
            written += 1
        }
        append(UInt8(ascii: "]"))
    }

    private mutating func append(_ level: Level) {
        append(pair: level.price.millionths, level.size.millionths)
    }

    /// One side of a quote.
    public mutating func append(_ field: EventField, quote: Quote?) {
        appendKey(field)
        guard let quote else { return append("null") }
        append(UInt8(ascii: "["))
        append(millionths: quote.price.millionths)
        append(UInt8(ascii: ","))
        if let size = quote.size { append(millionths: size.millionths) } else { append("null") }
        append(UInt8(ascii: "]"))
    }

    /// Named counts, in rising byte order of their names.
    public mutating func append(_ field: EventField, counters: [(name: String, count: Int64)]) {
        appendKey(field)
        append(UInt8(ascii: "{"))
        for (index, counter) in counters.enumerated() {
            if index > 0 { append(UInt8(ascii: ",")) }
            append(string: counter.name)
            append(UInt8(ascii: ":"))
            append(integer: counter.count)
        }
        append(UInt8(ascii: "}"))
    }

    /// A list of strings.
    public mutating func append(_ field: EventField, strings: [String]) {
        appendKey(field)
        append(UInt8(ascii: "["))
        for (index, string) in strings.enumerated() {
            if index > 0 { append(UInt8(ascii: ",")) }
            append(string: string)
        }
        append(UInt8(ascii: "]"))
    }
}

/// One side of a quote: a price, and the size if the venue tells it.
public struct Quote: Equatable, Sendable {
    public var price: Price
    public var size: Size?

    public init(price: Price, size: Size?) {
        self.price = price
        self.size = size
    }

    public init(_ level: Level) {
        self.init(price: level.price, size: level.size)
    }
}

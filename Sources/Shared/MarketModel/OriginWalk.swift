import JSON

/// How far a line has come in its origin: feed, venue, market, instrument and label, one behind the other and nothing between.
struct OriginWalk {
    private(set) var start: UnsafePointer<UInt8>?
    private(set) var market: UnsafePointer<UInt8>?
    private(set) var end: UnsafePointer<UInt8>?
    /// The last field of the walk; nil outside one.
    private(set) var last: EventField?

    init() {}

    /// Whether it has come to a market and an instrument.
    var isComplete: Bool { last == .instrument || last == .label }

    var hasLabel: Bool { last == .label }

    /// Whether the market comes next.
    var isBeforeMarket: Bool { last == .venue }

    /// Takes a field of an origin, whose comma was at `before` and whose value ends at `after`.
    @inline(__always)
    mutating func take(_ field: EventField, isString: Bool, before: UnsafePointer<UInt8>, after: UnsafePointer<UInt8>) {
        if field == .feed, isString {
            start = before
        } else if let last, isString, last.rawValue + 1 == field.rawValue, end == before {
            if field == .market { market = before }
        } else {
            // In another order, twice, or with something between: only the long way knows what that means.
            last = nil
            return
        }
        last = field
        end = after
    }

    /// The rest of the origin was known already: it is behind.
    mutating func leave() { last = nil }
}

extension EventField {
    /// Whether it is one of feed, venue, market, instrument and label.
    @inline(__always)
    var isOfOrigin: Bool { rawValue &- EventField.feed.rawValue < 5 }
}

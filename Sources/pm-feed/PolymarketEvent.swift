import JSON

/// The event that a market stands in, as far as its markets are told with it.
struct PolymarketEvent {
    let slug: String?
    /// More outcomes may be listed later (`negRiskAugmented`): those of today are not all.
    let isAugmented: Bool?

    /// An event with its markets.
    init(_ shape: PolymarketDirectory.Shape) {
        slug = shape.slug?.string
        isAugmented = shape.isAugmented
    }

    /// The first of a market's events; nil if there is none.
    init?(firstOf events: JSONText) throws(JSONError) {
        var scanner = JSONScanner(events)
        guard try scanner.peekKind() == .array else { return nil }
        try scanner.beginArray()
        guard try scanner.nextElement() else { return nil }
        var shape = PolymarketDirectory.Shape()
        guard try scanner.peekKind() == .object else { return nil }
        try shape.read(&scanner)
        self.init(shape)
    }
}

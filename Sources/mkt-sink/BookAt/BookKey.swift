import JSON

/// What tells one book from another: an instrument as one feed tells it.
///
/// Names are bytes: two texts that Swift takes for equal, since they look alike, are two names.
struct BookKey: Hashable {
    /// Empty for any feed.
    let feed: [UInt8]
    let venue: [UInt8]
    let instrument: [UInt8]

    init(feed: JSONText, venue: JSONText, instrument: JSONText) {
        self.init(feed: BookKey.name(feed), venue: BookKey.name(venue), instrument: BookKey.name(instrument))
    }

    init(feed: [UInt8], venue: [UInt8], instrument: [UInt8]) {
        (self.feed, self.venue, self.instrument) = (feed, venue, instrument)
    }

    /// The same for any feed.
    var ofAnyFeed: BookKey { BookKey(feed: [], venue: venue, instrument: instrument) }

    /// A name as it is meant, without escapes.
    static func name(_ text: JSONText) -> [UInt8] { text.hasEscapes ? Array(text.string.utf8) : text.array }

    /// A name for people and for lines of ours.
    static func text(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }

    /// Rising by venue and instrument, then by feed.
    static func precedes(_ left: BookKey, _ right: BookKey) -> Bool {
        for (one, other) in [(left.venue, right.venue), (left.instrument, right.instrument), (left.feed, right.feed)] where one != other {
            return one.lexicographicallyPrecedes(other)
        }
        return false
    }
}

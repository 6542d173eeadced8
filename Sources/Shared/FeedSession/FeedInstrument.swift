import JSON
public import MarketModel

/// One instrument as a feed knows it, for the whole life of the feed process.
///
/// Its book belongs to one connection at a time; its `seq` runs on over all of them.
public final class FeedInstrument {
    // What every line of its book needs comes first, side by side: with thousands of instruments each of these is far away in memory.

    /// The envelope of its lines, spelled once for each label.
    public private(set) var origin: EventOrigin
    public var book = OrderBook()
    /// Whether its lines go out: not where MARKET arguments name others.
    public var isShown = true
    /// The facts and the label were not touched since they were last found to be what was told: nothing to compare.
    @usableFromInline var isToldAsItIs = false
    /// Readers were told that what they have of it is lost.
    var isTakenBack = false
    /// It is in the list of those whose books readers may have.
    var isListed = false
    /// The last `seq` that was given to a line.
    var seq: Int64 = 0
    /// When the book was last known to be right: its snapshot, or the last check that agreed.
    public var agreed = Timestamp(micros: 0)
    /// The connection that the book came from; nil before the first.
    public var conn: Int64?
    /// The connection of its last book line that was written: whose breaks make readers give the book up.
    ///
    /// Deltas and breaks are told with it too: to a reader they belong together, whichever of two sockets was first.
    public internal(set) var shownConn: Int64?
    /// The top of the book as of the last `quote` line.
    var quoted: (bid: Level?, ask: Level?)?

    public let market: String
    public let id: String
    public let feed: String
    public let venue: String
    public private(set) var label: String? {
        didSet { isToldAsItIs = false }
    }
    /// What is known of it; a touch is noted, so that what was not touched need not be compared.
    public var facts: InstrumentFacts {
        @inlinable @inline(__always) _read { yield currentFacts }
        // In place: an observer would have them copied for each change.
        @inlinable @inline(__always) _modify {
            isToldAsItIs = false
            yield &currentFacts
        }
    }
    @usableFromInline var currentFacts = InstrumentFacts()
    /// What was last told of the facts; nil before the first `instrument` line.
    var announced: InstrumentFacts?
    var announcedLabel: String?
    /// What was not written because our reader is slow.
    var folded = FoldedLines()

    public init(feed: String, venue: String, market: String, id: String) {
        self.feed = feed
        self.venue = venue
        self.market = market
        self.id = id
        origin = EventOrigin(feed: feed, venue: venue, market: market, instrument: id, label: nil)
    }

    /// Sets what people see; lines carry it from now on.
    public func setLabel(_ label: String?) {
        guard label != self.label else { return }
        self.label = label
        origin = EventOrigin(feed: feed, venue: venue, market: market, instrument: id, label: label)
    }

    /// Bytes from its beginning that every line of its book needs.
    public static var hotBytes: Int { 192 }

    /// Asks for the memory that its next line needs beyond the instrument itself.
    ///
    /// - Parameter side: Of the book, which the line changes; nil for none.
    public func askForLine(_ side: Side?) {
        if let side { book.askForBest(side) }
        origin.askForBytes()
    }
}

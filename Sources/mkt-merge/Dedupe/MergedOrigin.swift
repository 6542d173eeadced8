import JSON
import MarketModel

/// The names that stand in the merged book lines of one instrument, spelled once and again when its label changes.
struct MergedOrigin {
    // What every line needs is in front.
    private(set) var spelled: EventOrigin
    private var label: [UInt8]?
    private let feed: String
    private let venue: String
    private let market: String
    private let instrument: String

    init(feed: String, venue: String, market: String, instrument: String) {
        self.feed = feed
        self.venue = venue
        self.market = market
        self.instrument = instrument
        spelled = EventOrigin(feed: feed, venue: venue, market: market, instrument: instrument, label: nil)
    }

    /// Asks for the memory of what is spelled.
    mutating func askForBytes() { spelled.askForBytes() }

    mutating func take(label text: JSONText?) {
        switch (text, label) {
        case (nil, nil): return
        case (let text?, let label?) where text.isEqual(to: label): return
        default: break
        }
        label = text?.array
        spelled = EventOrigin(feed: feed, venue: venue, market: market, instrument: instrument, label: text?.string)
    }
}

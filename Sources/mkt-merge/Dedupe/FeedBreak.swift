import JSON
import MarketModel

/// A `feed_status` after which books are unknown until their next snapshot.
struct FeedBreak {
    /// The line's word for it.
    let state: StaticString
    /// nil: all connections of the feed.
    let conn: Int64?
    /// nil: all of the connections' books; an empty list touches none.
    let instruments: [JSONText]?
    let since: Int64?

    /// `stopped` ends all connections of the feed.
    private static let states: [StaticString] = ["gap", "stale", "resyncing", "disconnected", "stopped"]

    var isEnd: Bool { "\(state)" == "stopped" }

    /// Reads a `feed_status` line; nil where no book is concerned.
    init?(_ decoder: borrowing EventDecoder) throws(EventError) {
        let word = try decoder.requireText(.state).string
        let conn = try decoder.integer(.conn)
        let instruments = try FeedBreak.instruments(decoder)
        since = try decoder.integer(.sinceUs)
        guard let state = FeedBreak.states.first(where: { "\($0)" == word }) else { return nil }
        let isEnd = word == "stopped"
        self.state = state
        self.conn = isEnd ? nil : conn
        self.instruments = isEnd ? nil : instruments
    }

    private static func instruments(_ decoder: borrowing EventDecoder) throws(EventError) -> [JSONText]? {
        guard let list = try decoder.container(.instruments) else { return nil }
        var scanner = JSONScanner(list)
        var instruments: [JSONText] = []
        do throws(JSONError) {
            try scanner.beginArray()
            while try scanner.nextElement() { instruments.append(try scanner.string()) }
        } catch {
            throw .wrongValue(.instruments)
        }
        return instruments
    }
}

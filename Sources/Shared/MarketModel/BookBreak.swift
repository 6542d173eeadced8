public import JSON

/// A `feed_status` after which books are unknown until their next snapshot.
public struct BookBreak {
    /// The line's word for it.
    public let state: StaticString
    /// The feed has ended, and all its connections with it.
    public let isEnd: Bool
    /// nil: all connections of the feed.
    public let conn: Int64?
    /// nil: all of the feed's; an empty list touches no book.
    public let instruments: [JSONText]?

    /// The states after which nothing that was known may be used. `stopped` ends all connections of the feed.
    public static let states: [StaticString] = ["gap", "stale", "resyncing", "disconnected", "stopped"]

    /// Reads a `feed_status` line; nil where no book is concerned. Such lines are rare, so making texts does no harm.
    public init?(_ decoder: borrowing EventDecoder) throws(EventError) {
        let word = try decoder.requireText(.state).string
        let conn = try decoder.integer(.conn)
        let instruments = try BookBreak.instruments(decoder)
        guard let state = BookBreak.states.first(where: { "\($0)" == word }) else { return nil }
        self.state = state
        isEnd = word == "stopped"
        self.conn = isEnd ? nil : conn
        self.instruments = isEnd ? nil : instruments
    }

    /// Whether a line that is no event, or of which `init` cannot tell what it concerns, may be a break all the same: a `feed_status` whose
    /// state is one of a break, or cannot be read.
    ///
    /// Who cannot tell which books a break concerns takes all of its feed for unknown. A torn line counts by what stands before the tear.
    public static func isPossible(_ decoder: borrowing EventDecoder) -> Bool {
        guard let type = try? decoder.text(.type), type.isEqual(to: "feed_status") else { return false }
        guard let word = try? decoder.requireText(.state).string else { return true }
        return states.contains { "\($0)" == word }
    }

    /// The names that a line lists; nil where it lists none.
    public static func instruments(_ decoder: borrowing EventDecoder) throws(EventError) -> [JSONText]? {
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

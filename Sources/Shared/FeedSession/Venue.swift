public import JSON
public import MarketModel

/// What a venue's adapter answers to the session, which knows no venue.
///
/// Calls come in the order in which things happened, on one thread, each with its time. An adapter reads no clock.
public protocol Venue: AnyObject {
    /// A socket is up.
    func opened(conn: Int64, at time: Timestamp) throws
    /// We sent a text frame; credentials in it are masked.
    func sent(conn: Int64, frame: JSONText, at time: Timestamp) throws
    /// A text frame came, perhaps with a newline at its end. Gives whether it was data; a heartbeat is not.
    func received(conn: Int64, frame: JSONText, at time: Timestamp) throws -> Bool
    /// The socket is gone, and all that was known through it.
    func closed(conn: Int64, at time: Timestamp) throws
    /// The socket is silent: its books are not to be believed any more.
    func staled(conn: Int64, at time: Timestamp) throws
    /// A REST answer that the session used. `path` includes the query.
    func answered(path: JSONText, status: Int64, body: JSONText, at time: Timestamp) throws
    /// The time is `time`, and `nextDeadline` has come.
    func passed(to time: Timestamp) throws
    /// When `passed` wants to be called; nil for never.
    var nextDeadline: Timestamp? { get }
    /// Every instrument whose book is known, in a fixed order: for checkpoints.
    func forEachKnownBook(_ body: (FeedInstrument) throws -> Void) throws
}

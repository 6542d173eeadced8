public import JSON
public import MarketModel

/// What a venue's adapter answers to the session, which knows no venue.
///
/// Calls come in the order in which things happened, on one thread, each with its time. An adapter reads no clock.
public protocol Venue: AnyObject {
    /// How frames are read ahead of their turn.
    associatedtype Reader: FrameReader = UnreadFrames

    /// A socket is up.
    func opened(conn: Int64, at time: Timestamp) throws
    /// We sent a text frame; credentials in it are masked.
    func sent(conn: Int64, frame: JSONText, at time: Timestamp) throws
    /// A text frame came, perhaps with a newline at its end. Gives whether it was data; a heartbeat is not.
    func received(conn: Int64, frame: JSONText, at time: Timestamp) throws -> Bool
    /// A reader for another thread.
    func makeReader() -> Reader
    /// The same as `received` for a frame that was read ahead: it is number `index` of `read`.
    func received(conn: Int64, frame: JSONText, read: Reader.Frames, _ index: Int, at time: Timestamp) throws -> Bool
    /// Frame number `index` of `read` is taken in next: what that one and those behind it are about may be asked for (`NearMemory`).
    /// Changes nothing.
    func expect(_ read: Reader.Frames, _ index: Int)
    /// The socket is gone. Gives the instruments whose books are lost with it; nil for all that it had.
    func closed(conn: Int64, at time: Timestamp) throws -> [String]?
    /// The socket is silent: its books are not to be believed any more. Gives the same as `closed`.
    func staled(conn: Int64, at time: Timestamp) throws -> [String]?
    /// A REST answer that the session used. `path` includes the query. Gives what it proves of connections that are silent.
    func answered(path: JSONText, status: Int64, body: JSONText, at time: Timestamp) throws -> SilenceProof
    /// The time is `time`, and `nextDeadline` has come.
    func passed(to time: Timestamp) throws
    /// When `passed` wants to be called; nil for never.
    var nextDeadline: Timestamp? { get }
    /// Whether nothing may come on the connection for hours though all is well: one that tells of the account's own orders only.
    func isSilentByNature(_ conn: Int64) -> Bool
    /// Every instrument whose book is known, in a fixed order: for checkpoints.
    func forEachKnownBook(_ body: (FeedInstrument) throws -> Void) throws
}

extension Venue {
    public func expect(_ read: Reader.Frames, _ index: Int) {}
    public func isSilentByNature(_ conn: Int64) -> Bool { false }
}

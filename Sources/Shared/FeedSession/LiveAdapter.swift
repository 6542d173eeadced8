public import Curl
public import MarketModel
public import WebSocketClient

/// What a venue does in a live session: it decides what to ask for, and the session sends, receives and waits.
///
/// Everything that came has been handed to the venue (`Venue`) before the adapter hears of it. Calls come on one thread. An adapter
/// reads no clock and opens nothing; it asks through `LiveControl`.
public protocol LiveAdapter: AnyObject {
    /// What the venue was told and nobody else may see; masked in the words with which any socket ends, and in all that comes over
    /// sockets and in answers that are private (`LiveControl`). The same for the whole run.
    var secrets: Secrets { get }
    /// Where sockets go, and the headers of an attempt that begins now; a signature is fresh each time.
    func dial(slot: Int, at time: Timestamp) throws -> (address: WebSocketAddress, headers: [(name: String, value: String)])
    /// The run begins.
    func start(_ control: LiveControl, at time: Timestamp) throws
    /// A socket of the slot is up.
    func opened(conn: Int64, slot: Int, _ control: LiveControl, at time: Timestamp) throws
    /// What the session is to make of the end of a socket, or of one that never came up; usually `trouble` itself.
    func judge(conn: Int64, slot: Int, _ trouble: SocketTrouble) -> SocketTrouble
    /// A socket is gone or never came up.
    func ended(conn: Int64, slot: Int, _ trouble: SocketTrouble, _ control: LiveControl, at time: Timestamp) throws
    /// A request was answered, or failed for good.
    func answered(_ request: LiveRequest, _ result: Result<RESTAnswer, RESTFailure>, _ control: LiveControl, at time: Timestamp) throws
    /// Something happened, or `nextDeadline` has come: whatever is due is asked for.
    func act(_ control: LiveControl, at time: Timestamp) throws
    /// Whether a socket from which nothing comes is asked by a ping of the protocol; else the adapter sends the venue's own heartbeats.
    var sendsProtocolPings: Bool { get }
    /// When `act` wants to be called though nothing happens; nil for never.
    var nextDeadline: Timestamp? { get }
    /// SIGHUP: lists in files are read again.
    func reload(_ control: LiveControl, at time: Timestamp) throws
}

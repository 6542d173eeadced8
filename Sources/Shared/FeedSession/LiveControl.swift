public import Curl
public import UnixTool

/// A question to a venue's REST side.
public struct LiveRequest: Sendable {
    /// Counts from 1 within the run.
    public let id: Int
    /// The path as recordings tell it; nil where the answer says nothing of books and markets and is not recorded.
    public let recordedPath: String?
    /// Its answer may repeat secrets.
    var isPrivate = false
}

/// What an adapter asks the session for, noted in order and carried out by the live loop.
public final class LiveControl {
    enum Wish {
        /// `masked` is what is recorded and told to the venue in the place of `text`.
        case send(conn: Int64, text: String, masked: String?)
        case drop(conn: Int64, reason: String)
        case request(LiveRequest, RESTRequest)
    }

    /// Sockets that are up.
    public internal(set) var openConns: Set<Int64> = []
    /// Slots whose venue was told secrets, and may repeat them.
    private(set) var privateSlots: Set<Int> = []
    /// Questions that were not answered yet.
    public internal(set) var pendingRequestCount = 0
    var session: Session
    var random: any RandomNumberGenerator
    private(set) var finishReason: String?
    private(set) var failure: ToolFailure?
    private var wishes: [Wish] = []
    private var lastRequest = 0
    /// The time of the call in progress, in microseconds.
    var nowMicros: Int64 = 0

    init(_ session: Session, random: any RandomNumberGenerator) {
        self.session = session
        self.random = random
    }

    /// Everything asked for since the last call.
    func takeWishes() -> [Wish] {
        defer { wishes.removeAll(keepingCapacity: true) }
        return wishes
    }

    // MARK: Sockets

    /// A new place for a socket; it is opened as soon as the spacing of sockets allows.
    ///
    /// - Parameters:
    ///   - isRenewed: whether `--rotate-every` is for it too.
    ///   - isPrivate: whether secrets are masked in what comes; that costs a look at every byte.
    public func addSlot(isRenewed: Bool = true, isPrivate: Bool = false) -> Int {
        let slot = session.addSlot(at: nowMicros, isRenewed: isRenewed)
        if isPrivate { privateSlots.insert(slot) }
        return slot
    }

    /// Closes the slot's sockets and opens none for it any more.
    public func removeSlot(_ slot: Int, reason: String) {
        for conn in session.removeSlot(slot) { drop(conn, reason: reason) }
    }

    /// Sends a text frame; nothing happens if the socket is gone by then. Secrets in it must be masked for the recording.
    public func send(_ text: String, on conn: Int64, masked: String? = nil) {
        wishes.append(.send(conn: conn, text: text, masked: masked))
    }

    /// Closes a socket that is no good; the session opens another for its slot.
    public func drop(_ conn: Int64, reason: String) {
        wishes.append(.drop(conn: conn, reason: reason))
    }

    // MARK: REST

    /// Asks; the answer comes to the venue first, if it is recorded, then to the adapter.
    ///
    /// - Parameters:
    ///   - recordedPath: path and query as recordings tell them; nil keeps the answer from the recording and the venue.
    ///   - isPrivate: whether secrets are masked in path and answer as they are told; the adapter gets them as they are.
    @discardableResult
    public func request(_ request: RESTRequest, recordedPath: String?, isPrivate: Bool = false) -> LiveRequest {
        lastRequest += 1
        pendingRequestCount += 1
        let live = LiveRequest(id: lastRequest, recordedPath: recordedPath, isPrivate: isPrivate)
        wishes.append(.request(live, request))
        return live
    }

    // MARK: Chance and the end

    /// A span between zero and `micros`, by chance.
    public func jitter(upTo micros: Int64) -> Int64 { Int64.random(in: 0...max(0, micros), using: &random) }

    /// A wait after so many failures in a row.
    public func backoff(failures: Int, _ backoff: Backoff = .usual) -> Int64 {
        Backoff.micros(failures: failures, backoff, random: &random)
    }

    /// Nothing is left to do: the run ends well.
    public func finish(_ reason: String) { finishReason = finishReason ?? reason }

    /// The run cannot go on.
    public func fail(_ failure: ToolFailure) { self.failure = self.failure ?? failure }
}

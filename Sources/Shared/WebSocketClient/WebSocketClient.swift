public import Glibc
internal import JSON
public import OpenSSL
public import WebSocket

/// One connection to a WebSocket server, from the lookup of its name to its end; driven by the caller's poll loop, never waiting.
///
/// A turn of the loop: wait for `appendPolls` until `deadlineMicros`, unless `hasPending`; then `advance`, then `next` until it gives nil.
/// A caller that leaves events untaken stops the reading, and with time the server. Not for two threads at a time.
public final class WebSocketClient {
    public enum Event {
        /// The server has agreed; from now on messages may be sent.
        case opened
        /// A whole text message, which is valid UTF-8.
        case text(UnsafeBufferPointer<UInt8>)
        case binary(UnsafeBufferPointer<UInt8>)
        /// The last event.
        case ended(WebSocketEnd)
    }

    /// What the connection waits for.
    enum Phase {
        case resolving(NameLookup)
        case dialling(Dialler)
        /// The proxy's answer.
        case tunnelling
        /// The handshake of TLS.
        case securing
        /// The answer to the upgrade.
        case upgrading
        /// The body of a refusal.
        case refused(WebSocketRefusal)
        case open
        /// A close frame that answers ours.
        case closing
        /// The end of the bytes after a close frame, then it ends as it says.
        case lingering(WebSocketEnd)
        case ended
    }

    let address: WebSocketAddress
    let request: WebSocketRequest
    let tls: TLSContext?
    let proxy: HTTPProxy?
    let limits: WebSocketLimits

    var phase = Phase.ended
    /// The time of the last `advance`.
    var nowMicros: Int64
    /// When the phase must be over, if it has an end.
    var phaseDeadlineMicros: Int64?
    /// The time for closing begins with the next `advance`: its last one may be long ago.
    var isClosingTimeFresh = false
    var transport: Transport?
    /// Reads the proxy's answer, then the server's.
    var handshake: WebSocketHandshake?
    var refusalBody = RefusalBody(.untilClose)
    var decoder: WebSocketFrameDecoder
    /// Whether the decoder has given everything that was read.
    var isDecoded = true
    /// How the bytes of the server ended; what came before them is told first.
    var inputEnd: Transport.Received?
    /// Bytes on their way out, of which the first have gone.
    var output = ByteBuffer()
    var sentCount = 0
    /// Why nothing more can be sent; the bytes of the server may still say more than that.
    var outputFault: Transport.Fault?
    /// Whether the server was told that no more comes.
    var isSendingEnded = false
    var maskKeys = MaskKeys()
    var isOpeningUntold = false
    var untoldEnd: WebSocketEnd?

    /// When the last byte of the server came, monotonic: pings and pongs count. The beginning until then.
    public internal(set) var lastReceivedMicros: Int64
    /// The server's clock in the answer to the upgrade, a refusal too: microseconds since 1970, or nil.
    public internal(set) var serverDateMicros: Int64?

    /// Begins to connect.
    ///
    /// - Parameters:
    ///   - headers: what the venue wants beside the handshake's own.
    ///   - tls: needed for wss://.
    ///   - proxy: makes a tunnel, also for ws:// (RFC 6455 §4.1).
    ///   - monotonicMicros: the time of a clock that only grows, as in `advance`.
    public convenience init(
        _ address: WebSocketAddress, headers: [(name: String, value: String)] = [], tls: TLSContext?, proxy: HTTPProxy? = nil,
        limits: WebSocketLimits = WebSocketLimits(), at monotonicMicros: Int64
    ) throws(WebSocketRequest.Fault) {
        try self.init(address, headers: headers, tls: tls, proxy: proxy, limits: limits, at: monotonicMicros) {
            NameLookup.addresses($0, port: $1)
        }
    }

    /// The same with a resolver of the caller's own.
    init(
        _ address: WebSocketAddress, headers: [(name: String, value: String)], tls: TLSContext?, proxy: HTTPProxy?,
        limits: WebSocketLimits, at monotonicMicros: Int64, resolve: @escaping NameLookup.Resolve
    ) throws(WebSocketRequest.Fault) {
        precondition(tls != nil || !address.isSecure, "wss:// needs a TLSContext")
        request = try WebSocketRequest(
            host: address.bracketedHost, port: address.port, path: address.path, isSecure: address.isSecure, headers: headers)
        (self.address, self.tls, self.proxy, self.limits) = (address, tls, proxy, limits)
        decoder = WebSocketFrameDecoder(frameBytesMax: limits.frameBytesMax, messageBytesMax: limits.messageBytesMax)
        (nowMicros, lastReceivedMicros) = (monotonicMicros, monotonicMicros)
        phaseDeadlineMicros = monotonicMicros + limits.openMicrosMax
        lookUp(resolve)
    }

    deinit { abandon() }

    /// What to wait for now; several descriptors while addresses are tried.
    public func appendPolls(_ polls: inout [pollfd]) {
        switch phase {
        case .resolving(let lookup): polls.append(pollfd(fd: lookup.descriptor, events: Int16(POLLIN), revents: 0))
        case .dialling(let dialler): dialler.appendPolls(&polls)
        default: transport?.appendPolls(&polls, isSending: sentCount < output.count)
        }
    }

    /// Whether something is there that wakes no poll: do not wait, call `advance` and `next`.
    public var hasPending: Bool {
        isOpeningUntold || untoldEnd != nil || !isDecoded || inputEnd != nil || transport?.hasPending == true
    }

    /// When `advance` must be called at the latest, monotonic; nil if there is no hurry.
    public var deadlineMicros: Int64? {
        if case .dialling(let dialler) = phase, let next = dialler.deadlineMicros { return min(next, phaseDeadlineMicros ?? next) }
        return phaseDeadlineMicros
    }

    /// Whether messages can be sent.
    public var isOpen: Bool { if case .open = phase { true } else { false } }

    /// Does what can be done without waiting; frames are read once, up to 256 KiB.
    public func advance(at monotonicMicros: Int64) {
        nowMicros = monotonicMicros
        if isClosingTimeFresh { (isClosingTimeFresh, phaseDeadlineMicros) = (false, monotonicMicros + limits.closeMicrosMax) }
        switch phase {
        case .open, .closing:
            flush()
            readFrames()
        case .lingering(let end): linger(end)
        case .ended: return
        default: advanceOpening()
        }
        if let phaseDeadlineMicros, monotonicMicros >= phaseDeadlineMicros { runOutOfTime() }
    }

    /// The next event of what was read, or nil; bytes are valid until the next call of anything here but properties.
    public func next() -> Event? {
        if isOpeningUntold {
            isOpeningUntold = false
            return .opened
        }
        if let event = nextMessage() { return event }
        guard let end = untoldEnd else { return nil }
        untoldEnd = nil
        return .ended(end)
    }

    /// Closes the descriptors at once; there are no more events.
    public func abandon() {
        phase = .ended
        (phaseDeadlineMicros, isClosingTimeFresh) = (nil, false)
        transport?.close()
        transport = nil
        handshake = nil
        (isOpeningUntold, untoldEnd, inputEnd, isDecoded) = (false, nil, nil, true)
        output.removeAll()
        sentCount = 0
    }

    func beginClosingTime() {
        phaseDeadlineMicros = nowMicros + limits.closeMicrosMax
        isClosingTimeFresh = true
    }

    /// The end is told by `next`.
    func end(_ end: WebSocketEnd) {
        let isOpeningUntold = isOpeningUntold
        abandon()
        self.isOpeningUntold = isOpeningUntold
        untoldEnd = end
    }
}

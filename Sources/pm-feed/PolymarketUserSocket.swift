import FeedSession
import MarketModel
import WebSocketClient

/// The socket of the user channel: who we are in the first frame, `PING` every ten seconds behind it, and what its end means.
///
/// The venue does not answer the first frame. A wrong key is told by an end soon after it, which a cut of the network may look like: see `judge`.
struct PolymarketUserSocket {
    private static let pingMicros: Int64 = 10_000_000
    /// An end so soon behind the first frame, without a word, may be about the key.
    private static let trialMicros: Int64 = 5_000_000
    /// So long a socket under suspicion has to live before it says who we are.
    private static let holdMicros: Int64 = 2_000_000
    /// Policy (RFC 6455), unauthorized and forbidden (IANA's registry), and how venues spell these two.
    private static let refusingCodes: Set<Int64> = [1008, 3000, 3003, 4001, 4401, 4403]
    /// The venue is going away, in trouble, or busy.
    private static let troubledCodes: Set<Int64> = [1001, 1011, 1012, 1013, 1014]

    private struct Life {
        let isHeld: Bool
        /// When the first frame goes out; nil when it is out.
        var authDue: Timestamp?
        /// Until then an end may be about the key; nil before the first frame, and when it is over.
        var trialEnd: Timestamp?
        var nextPing: Timestamp?
    }

    let address: WebSocketAddress
    private let credentials: PolymarketCredentials
    private(set) var slot: Int?
    private var lives: [Int64: Life] = [:]
    /// The last socket ended in a way that may have been about the key.
    private var isSuspicious = false

    init(_ address: WebSocketAddress, _ credentials: PolymarketCredentials) {
        self.address = address
        self.credentials = credentials
    }

    mutating func start(_ control: LiveControl) { slot = control.addSlot(isRenewed: false, isPrivate: true) }

    mutating func opened(_ conn: Int64, at time: Timestamp) {
        let due = isSuspicious ? time.advanced(byMicros: PolymarketUserSocket.holdMicros) : time
        lives[conn] = Life(isHeld: isSuspicious, authDue: due)
    }

    /// Sends what is due. Gives whether some socket has just said who we are.
    mutating func act(_ control: LiveControl, at time: Timestamp) -> Bool {
        var hasSaid = false
        for conn in lives.keys.sorted() {
            guard var life = lives[conn] else { continue }
            if let due = life.authDue, due <= time {
                control.send(credentials.firstFrame, on: conn, masked: credentials.maskedFrame)
                life.authDue = nil
                life.trialEnd = time.advanced(byMicros: PolymarketUserSocket.trialMicros)
                life.nextPing = time.advanced(byMicros: PolymarketUserSocket.pingMicros)
                hasSaid = true
            }
            if let end = life.trialEnd, end <= time {
                life.trialEnd = nil
                isSuspicious = false
            }
            if let ping = life.nextPing, ping <= time {
                control.send("PING", on: conn)
                life.nextPing = time.advanced(byMicros: PolymarketUserSocket.pingMicros)
            }
            lives[conn] = life
        }
        return hasSaid
    }

    var nextDeadline: Timestamp? {
        lives.values.reduce(nil) { .earliest($0, .earliest(.earliest($1.authDue, $1.trialEnd), $1.nextPing)) }
    }

    /// What the end of a socket says of the key.
    ///
    /// A close frame that says so is a refusal. Any other silent end soon after the first frame is only a suspicion: a cut may do that.
    /// Then the next socket waits before it says who it is. If it lives through the wait and ends behind the first frame all the same,
    /// it was the frame that ended it, since a cut, or a venue that resets what it accepts, does not wait for us. The session stops at the
    /// second refusal in a row.
    ///
    /// - Parameter hasSpoken: whether anything ever came on it.
    mutating func judge(_ conn: Int64, _ trouble: SocketTrouble, hasSpoken: Bool) -> SocketTrouble {
        guard let life = lives[conn], trouble.kind == .lost, life.authDue == nil else { return trouble }
        guard !hasSpoken, life.trialEnd != nil, !PolymarketUserSocket.troubledCodes.contains(trouble.code) else {
            isSuspicious = false
            return trouble
        }
        guard life.isHeld || PolymarketUserSocket.refusingCodes.contains(trouble.code) else {
            isSuspicious = true
            return trouble
        }
        return SocketTrouble(.credentials, "the user channel ended right after the API key was told: \(trouble.words)", code: trouble.code)
    }

    /// Gives whether it had been said there who we are.
    mutating func ended(_ conn: Int64) -> Bool { lives.removeValue(forKey: conn).map { $0.authDue == nil } ?? false }
}

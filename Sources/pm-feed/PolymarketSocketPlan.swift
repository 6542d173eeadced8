import FeedSession
import MarketModel

/// What is still to be sent on one socket, and when: the first subscription, more of it in pieces with pauses, heartbeats.
///
/// The first form exactly once; thousands of tokens in one frame make the server close the socket, for ever; `PING` never before
/// the subscription (dossier §1.1).
struct PolymarketSocketPlan {
    static let chunkTokensMax = 100
    private static let pauseMicros: Int64 = 250_000
    private static let pingMicros: Int64 = 10_000_000

    private var wanted: [String]
    private var unwanted: [String] = []
    private var isSubscribed = false
    private var nextFrame: Timestamp
    private var nextPing: Timestamp?
    /// When each piece of the subscription went out, for the deadline of its first events.
    private(set) var pieces: [(sent: Timestamp, tokens: [String])] = []

    init(tokens: [String], openedAt time: Timestamp) {
        wanted = tokens
        nextFrame = time
    }

    /// More tokens are to come over this socket.
    mutating func add(_ tokens: [String]) {
        // What was to be dropped and was not yet, is subscribed still.
        let kept = Set(unwanted).intersection(tokens)
        if !kept.isEmpty { unwanted.removeAll { kept.contains($0) } }
        wanted += tokens.filter { !kept.contains($0) }
    }

    /// These are not to come any more.
    mutating func drop(_ tokens: [String]) {
        let dropped = Set(tokens)
        let unsent = wanted.filter { dropped.contains($0) }
        wanted.removeAll { dropped.contains($0) }
        unwanted += tokens.filter { !unsent.contains($0) }
    }

    /// The next frame that is due; call until it gives nil.
    mutating func takeFrame(at time: Timestamp) -> String? {
        if time >= nextFrame, let frame = takeSubscription(at: time) { return frame }
        guard let ping = nextPing, ping <= time else { return nil }
        nextPing = time.advanced(byMicros: PolymarketSocketPlan.pingMicros)
        return "PING"
    }

    private mutating func takeSubscription(at time: Timestamp) -> String? {
        guard isSubscribed else {
            isSubscribed = true
            nextPing = time.advanced(byMicros: PolymarketSocketPlan.pingMicros)
            // Without tokens it is a connection that hears of new markets only.
            return PolymarketSocketPlan.first(takeWanted(at: time))
        }
        if !unwanted.isEmpty {
            let tokens = Array(unwanted.prefix(PolymarketSocketPlan.chunkTokensMax))
            unwanted.removeFirst(tokens.count)
            nextFrame = time.advanced(byMicros: PolymarketSocketPlan.pauseMicros)
            return "{\"operation\":\"unsubscribe\",\"assets_ids\":\(PolymarketSocketPlan.list(tokens))}"
        }
        guard !wanted.isEmpty else { return nil }
        let tokens = takeWanted(at: time)
        return
            "{\"operation\":\"subscribe\",\"assets_ids\":\(PolymarketSocketPlan.list(tokens)),\"level\":2,\"custom_feature_enabled\":true}"
    }

    private mutating func takeWanted(at time: Timestamp) -> [String] {
        let tokens = Array(wanted.prefix(PolymarketSocketPlan.chunkTokensMax))
        wanted.removeFirst(tokens.count)
        nextFrame = time.advanced(byMicros: PolymarketSocketPlan.pauseMicros)
        if !tokens.isEmpty { pieces.append((time, tokens)) }
        return tokens
    }

    /// Pieces that were sent before `time` and not taken yet: their first events are overdue.
    mutating func takePieces(sentBefore time: Timestamp) -> [String] {
        guard let first = pieces.first, first.sent <= time else { return [] }
        let due = pieces.prefix { $0.sent <= time }
        pieces.removeFirst(due.count)
        return due.flatMap(\.tokens)
    }

    var nextDeadline: Timestamp? {
        let hasFrames = !isSubscribed || !wanted.isEmpty || !unwanted.isEmpty
        return .earliest(hasFrames ? nextFrame : nil, nextPing)
    }

    private static func first(_ tokens: [String]) -> String {
        "{\"assets_ids\":\(list(tokens)),\"type\":\"market\",\"initial_dump\":true,\"level\":2,\"custom_feature_enabled\":true}"
    }

    /// Tokens are decimal digits, so that nothing in them wants escaping.
    private static func list(_ tokens: [String]) -> String { "[" + tokens.map { "\"\($0)\"" }.joined(separator: ",") + "]" }
}

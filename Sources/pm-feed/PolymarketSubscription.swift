import JSON
import MarketModel

/// What was asked for on one connection, read off the frames that we sent.
///
/// `{"assets_ids":[…],"type":"market",…}` first, then `{"operation":"subscribe"|"unsubscribe","assets_ids":[…]}`. The venue never
/// acknowledges; the books that come are the only answer. Source: venues dossier §1.1.
final class PolymarketSubscription {
    /// After so long a connection is called live with the books that it has.
    static let patienceMicros: Int64 = 10_000_000
    /// The next piece follows sooner.
    private static let pieceMicros: Int64 = 1_000_000

    private(set) var tokens: Set<String> = []
    /// Tokens that were dropped: what still comes of them is the end of what was on its way.
    private(set) var dropped: Set<String> = []
    let liveDeadline: Timestamp
    /// When data came last, or the socket came up.
    var lastData: Timestamp
    /// When data came last, or REST said last that there was none to come.
    var lastProof: Timestamp
    var isLive = false
    /// A piece of the subscription went out that is full: more will follow, or it was the last one by chance. Until then it is not live.
    var moreUntil: Timestamp?

    init(openedAt time: Timestamp) {
        lastData = time
        lastProof = time
        liveDeadline = time.advanced(byMicros: PolymarketSubscription.patienceMicros)
    }

    /// Tokens that are subscribed now; 0 where the recording does not tell.
    var tokenCount: Int { tokens.count }

    /// Takes a frame that we sent, and gives the tokens that it drops. `PING` and whatever is no JSON says nothing of subscriptions.
    func noteSent(_ frame: JSONText, at time: Timestamp) -> [String] {
        guard let (ids, isDropping) = try? PolymarketSubscription.read(frame) else { return [] }
        guard isDropping else {
            tokens.formUnion(ids)
            dropped.subtract(ids)
            let isFull = ids.count == PolymarketSocketPlan.chunkTokensMax
            if !ids.isEmpty { moreUntil = isFull ? time.advanced(byMicros: PolymarketSubscription.pieceMicros) : nil }
            return []
        }
        tokens.subtract(ids)
        dropped.formUnion(ids)
        return ids
    }

    private static func read(_ frame: JSONText) throws -> (ids: [String], isDropping: Bool) {
        var scanner = JSONScanner(frame)
        var ids: [String] = []
        var isDropping = false
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "assets_ids") {
                try scanner.beginArray()
                while try scanner.nextElement() { ids.append(try scanner.string().string) }
            } else if key.isEqual(to: "operation") {
                isDropping = try scanner.string().isEqual(to: "unsubscribe")
            } else {
                try scanner.skipValue()
            }
        }
        return (ids, isDropping)
    }
}

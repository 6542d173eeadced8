import FeedSession
import JSON
import MarketModel

/// The connections that are up, and what was asked for on each.
final class PolymarketSubscriptions {
    private var open: [Int64: PolymarketSubscription] = [:]
    /// The connection that spoke last: most often it speaks next too.
    private var lastSpoken: (conn: Int64, subscription: PolymarketSubscription)?
    /// When the next connection is looked at, or called live with what it has; nil if all are live.
    private(set) var liveDeadline: Timestamp?

    func find(_ conn: Int64) -> PolymarketSubscription? { open[conn] }

    func open(_ conn: Int64, at time: Timestamp) {
        open[conn] = PolymarketSubscription(openedAt: time)
        lastSpoken = nil
        updateDeadline()
    }

    func close(_ conn: Int64) {
        open[conn] = nil
        lastSpoken = nil
        updateDeadline()
    }

    /// Takes a frame that we sent, and gives the tokens that it drops.
    func noteSent(_ frame: JSONText, on conn: Int64, at time: Timestamp) -> [String] {
        defer { updateDeadline() }
        let subscription = open[conn] ?? PolymarketSubscription(openedAt: time)
        open[conn] = subscription
        return subscription.noteSent(frame, at: time)
    }

    func noteData(_ conn: Int64, at time: Timestamp) {
        if lastSpoken?.conn != conn { lastSpoken = open[conn].map { (conn, $0) } }
        lastSpoken?.subscription.lastData = time
        lastSpoken?.subscription.lastProof = time
    }

    func noteProof(_ conn: Int64, at time: Timestamp) { open[conn]?.lastProof = time }

    var conns: [Int64] { open.keys.sorted() }

    func noteLive(_ conn: Int64) {
        open[conn]?.isLive = true
        updateDeadline()
    }

    /// Whether the token was dropped from the connection: nobody keeps its book true there.
    func isDropped(_ token: String, on conn: Int64) -> Bool { open[conn]?.dropped.contains(token) ?? false }

    /// The newest connection on which the token was asked for.
    func carrier(of token: String) -> Int64? {
        open.filter { $0.value.tokens.contains(token) }.keys.max()
    }

    /// Connections whose last full piece was not followed by another.
    func takeSettled(at time: Timestamp) -> [Int64] {
        let settled = open.filter { $0.value.moreUntil.map { $0 <= time } ?? false }.keys.sorted()
        for conn in settled { open[conn]?.moreUntil = nil }
        if !settled.isEmpty { updateDeadline() }
        return settled
    }

    /// Connections that are to be called live now with what they have.
    func takeLate(at time: Timestamp) -> [(conn: Int64, tokenCount: Int)] {
        let late = open.filter { !$0.value.isLive && $0.value.liveDeadline <= time }.keys.sorted()
        defer { for conn in late { noteLive(conn) } }
        return late.map { ($0, open[$0]?.tokenCount ?? 0) }
    }

    private func updateDeadline() {
        liveDeadline = open.values.reduce(nil) {
            $1.isLive ? .earliest($0, $1.moreUntil) : .earliest($0, .earliest($1.liveDeadline, $1.moreUntil))
        }
    }
}

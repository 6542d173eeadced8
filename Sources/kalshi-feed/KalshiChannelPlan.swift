import FeedSession
import MarketModel

/// One channel of one connection: which markets are on it, which are still to come, in which pieces and when.
///
/// A market counts as subscribed when its piece was acknowledged, never before (dossier §7 no. 12). One command of a channel is
/// on its way at a time, so that the venue is never given more than a piece at once.
struct KalshiChannelPlan {
    /// What is to be sent for the channel.
    enum Command: Equatable {
        case subscribe([String])
        case delete(sid: Int64, [String])
        case unsubscribe(sid: Int64)
        /// Asks for what is there already: the answer shows that the subscription lives, and its number that nothing is missing.
        case probe([String])
    }

    static let pieceTickersMax = 100
    static let pieceTickersMin = 10
    private static let pauseMicros: Int64 = 50_000
    private static let trouble = Backoff(baseMicros: 250_000, microsMax: 30_000_000)

    let channel: KalshiChannel
    /// nil while nothing is open.
    private(set) var sid: Int64?
    /// In the order in which they are asked for.
    private(set) var waiting: [String] = []
    private(set) var held: [String] = []
    private var heldSet: Set<String> = []
    private var leaving: [String] = []
    /// The command on its way.
    private(set) var asked: Command?
    private var isRenewing = false
    /// The venue does not have this channel (error 8).
    private(set) var isGivenUp = false
    private(set) var pieceMax = KalshiChannelPlan.pieceTickersMax
    /// What `pieceMax` may grow to: what the venue has not choked on.
    private var pieceCeiling = KalshiChannelPlan.pieceTickersMax
    private var failureCount = 0
    /// Commands in a row that were not answered.
    private(set) var unansweredCount = 0
    private(set) var due: Timestamp

    init(_ channel: KalshiChannel, tickers: [String], at time: Timestamp) {
        self.channel = channel
        waiting = channel.namesMarkets ? tickers : []
        due = time
    }

    /// Nothing is left to be sent or answered.
    var isSettled: Bool { isGivenUp || (asked == nil && !wantsCommand) }

    private var wantsCommand: Bool {
        if isGivenUp { return false }
        if isRenewing && sid != nil { return true }
        if !leaving.isEmpty && sid != nil { return true }
        return channel.namesMarkets ? !waiting.isEmpty : sid == nil
    }

    /// It is taken off, perhaps to be put on again.
    func isLeaving(_ ticker: String) -> Bool { leaving.contains(ticker) }

    func holds(_ ticker: String) -> Bool { heldSet.contains(ticker) }

    // MARK: What is wanted

    mutating func add(_ tickers: [String]) {
        guard channel.namesMarkets else { return }
        leaving.removeAll(where: tickers.contains)
        let present = heldSet.union(waiting)
        waiting += tickers.filter { !present.contains($0) }
    }

    mutating func drop(_ tickers: [String]) {
        let dropped = Set(tickers)
        waiting.removeAll { dropped.contains($0) }
        leaving += tickers.filter { heldSet.contains($0) && !leaving.contains($0) }
        // A piece on its way is dropped when it was answered.
        if case .subscribe(let piece) = asked { leaving += piece.filter { dropped.contains($0) } }
    }

    /// The subscription is made anew, with all its markets.
    mutating func renew(at time: Timestamp) {
        guard sid != nil else { return }
        isRenewing = true
        due = max(due, time)
    }

    /// Some markets are taken off and put on again: the venue has forgotten them.
    mutating func renew(_ tickers: [String]) {
        let own = tickers.filter { heldSet.contains($0) && !leaving.contains($0) }
        leaving += own
        waiting += own
    }

    // MARK: What is sent

    /// The next command, if one is due.
    mutating func takeCommand(at time: Timestamp) -> Command? {
        guard asked == nil, time >= due, wantsCommand else { return nil }
        let command: Command
        if isRenewing, let sid {
            command = .unsubscribe(sid: sid)
        } else if !leaving.isEmpty, let sid {
            // An `ok` of a subscription without markets was never seen; without any it is closed.
            let isAll = leaving.count == held.count && waiting.allSatisfy { leaving.contains($0) }
            command =
                isAll ? .unsubscribe(sid: sid) : .delete(sid: sid, Array(leaving.prefix(KalshiChannelPlan.pieceTickersMax)))
        } else {
            command = .subscribe(Array(waiting.prefix(pieceMax)))
        }
        if case .subscribe(let tickers) = command { waiting.removeFirst(tickers.count) }
        asked = command
        return command
    }

    /// A question whether the subscription lives; nil where one is on its way, or nothing is open.
    mutating func takeProbe() -> Command? {
        guard asked == nil, sid != nil, !wantsCommand else { return nil }
        asked = .probe(Array(held.prefix(1)))
        return asked
    }

    var nextDeadline: Timestamp? { asked == nil && wantsCommand ? due : nil }

    // MARK: What came

    private mutating func finish(at time: Timestamp) {
        asked = nil
        failureCount = 0
        unansweredCount = 0
        due = time.advanced(byMicros: KalshiChannelPlan.pauseMicros)
    }

    private mutating func hold(_ tickers: [String]) {
        for ticker in tickers where heldSet.insert(ticker).inserted { held.append(ticker) }
    }

    /// `subscribed`, or `ok` to a subscribe: gives the markets that were acknowledged with it.
    mutating func acknowledged(sid: Int64?, isFresh: Bool, at time: Timestamp) -> [String] {
        var fresh: [String] = []
        if case .subscribe(let tickers) = asked { fresh = tickers }
        if case .probe(let tickers) = asked, isFresh { fresh = tickers }
        if isFresh, self.sid != nil {
            // The venue had nothing open any more: what was held is to be asked for again.
            let gone = held.filter { !fresh.contains($0) }
            forgetHeld()
            waiting = gone + waiting
        }
        if let sid { self.sid = sid }
        hold(fresh)
        if fresh.count == pieceMax { pieceMax = min(pieceMax * 2, pieceCeiling) }
        finish(at: time)
        return fresh
    }

    /// A piece was acknowledged and is refused after all: it was on its way still.
    mutating func takeBack(_ tickers: [String]) {
        let gone = Set(tickers)
        held.removeAll { gone.contains($0) }
        heldSet.subtract(gone)
        if asked == nil { asked = .subscribe(tickers) } else { putBack(tickers) }
    }

    /// `ok` to `delete_markets`.
    mutating func deleted(at time: Timestamp) {
        if case .delete(_, let tickers) = asked {
            let gone = Set(tickers)
            // Those that were wanted again meanwhile.
            waiting += tickers.filter { !leaving.contains($0) && !waiting.contains($0) }
            leaving.removeAll { gone.contains($0) }
            held.removeAll { gone.contains($0) }
            heldSet.subtract(gone)
        }
        finish(at: time)
    }

    /// `unsubscribed`: what was held and is still wanted is asked for again.
    mutating func unsubscribed(at time: Timestamp) {
        close()
        finish(at: time)
    }

    /// The subscription is over: the venue has said so, or has none.
    ///
    /// - Parameter isOverflow: the piece was too large, or we were too slow: smaller ones, and later each time.
    /// - Parameter jitter: a wait by chance after so many failures.
    mutating func ended(isOverflow: Bool, at time: Timestamp, jitter: (Int, Backoff) -> Int64) {
        close()
        if case .subscribe(let tickers) = asked { putBack(tickers) }
        asked = nil
        if isOverflow {
            pieceCeiling = max(KalshiChannelPlan.pieceTickersMin, min(pieceCeiling, pieceMax) / 2)
            pieceMax = pieceCeiling
        }
        failureCount += 1
        due = time.advanced(
            byMicros: KalshiChannelPlan.pauseMicros * Int64(1 << min(failureCount, 10)) + jitter(failureCount, KalshiChannelPlan.trouble))
    }

    private mutating func close() {
        sid = nil
        isRenewing = false
        let left = Set(leaving)
        let again = Set(waiting)
        waiting = held.filter { !left.contains($0) && !again.contains($0) } + waiting
        leaving.removeAll()
        forgetHeld()
    }

    private mutating func forgetHeld() {
        held.removeAll()
        heldSet.removeAll()
    }

    /// A piece that did not go through waits again, without what was dropped meanwhile.
    private mutating func putBack(_ tickers: [String]) {
        let left = Set(leaving)
        waiting = tickers.filter { !left.contains($0) || heldSet.contains($0) } + waiting
        let piece = Set(tickers)
        leaving.removeAll { piece.contains($0) && !heldSet.contains($0) }
    }

    /// The command on its way was refused or is not answered: the same is asked again, later.
    mutating func retry(isUnanswered: Bool, at time: Timestamp, jitter: (Int, Backoff) -> Int64) {
        if case .subscribe(let tickers) = asked { putBack(tickers) }
        asked = nil
        failureCount += 1
        if isUnanswered { unansweredCount += 1 } else { unansweredCount = 0 }
        due = time.advanced(byMicros: KalshiChannelPlan.pauseMicros + (isUnanswered ? 0 : jitter(failureCount, KalshiChannelPlan.trouble)))
    }

    /// The piece on its way was refused for what is in it: it is asked again in halves. Gives the market that is refused by itself.
    mutating func split(at time: Timestamp, jitter: (Int, Backoff) -> Int64) -> String? {
        guard case .subscribe(let tickers) = asked else {
            retry(isUnanswered: false, at: time, jitter: jitter)
            return nil
        }
        asked = nil
        failureCount += 1
        unansweredCount = 0
        due = time.advanced(byMicros: KalshiChannelPlan.pauseMicros + jitter(min(failureCount, 4), KalshiChannelPlan.trouble))
        guard tickers.count > 1 else { return tickers.first }
        putBack(tickers)
        pieceMax = max(1, tickers.count / 2)
        return nil
    }

    /// The venue takes no more markets on one subscription. Gives those that are to go elsewhere; empty while a smaller piece may fit.
    mutating func overflow(at time: Timestamp) -> [String] {
        guard case .subscribe(let tickers) = asked else { return [] }
        asked = nil
        due = time.advanced(byMicros: KalshiChannelPlan.pauseMicros)
        guard tickers.count == 1, !held.isEmpty else {
            putBack(tickers)
            pieceMax = max(1, tickers.count / 2)
            return []
        }
        let surplus = tickers + waiting
        waiting = []
        return surplus
    }

    mutating func giveUp() {
        isGivenUp = true
        asked = nil
    }
}

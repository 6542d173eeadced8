import MarketModel

/// What is known of one connection; it dies with the connection.
final class KalshiConnection {
    /// After so long a connection is called live with the books that it has.
    static let patienceMicros: Int64 = 10_000_000

    let conn: Int64
    let opened: Timestamp
    /// Begins anew with every piece of the subscription that is sent.
    private(set) var liveDeadline: Timestamp
    var subscription = KalshiSubscription()
    /// `live` was told.
    var isLive = false
    var hasData = false
    /// Our first command asked for a list: the last one will too, and until then more is to be subscribed.
    private(set) var isMarked = false
    /// Nothing more is to be subscribed for now.
    private(set) var isWhole = false
    /// Its subscription to trades was closed by ourselves, and what happens until it is there again is missed.
    var hasUntoldTradeHole = false
    /// How many of the markets that were asked for have had a snapshot.
    private(set) var snapshotTickers: Set<String> = []
    /// Markets whose books were lost by a break of their whole subscription, and are to come again.
    private(set) var awaited: Set<Int> = []
    /// A handful: one a channel.
    private(set) var sids: [KalshiSid] = []

    init(_ conn: Int64, opened time: Timestamp) {
        self.conn = conn
        opened = time
        liveDeadline = time.advanced(byMicros: KalshiConnection.patienceMicros)
    }

    /// Notes a command of ours, the first one or another.
    func noteSent(_ command: KalshiCommand, isFirst: Bool, at time: Timestamp) {
        if command.verb == .list {
            if isFirst { isMarked = true } else { isWhole = true }
        } else if command.verb == .subscribe {
            liveDeadline = time.advanced(byMicros: KalshiConnection.patienceMicros)
        }
    }

    /// Nothing says that more is to be asked for.
    var isAskedForWhole: Bool { isWhole || !isMarked }

    /// Subscriptions that were acknowledged.
    var openSids: [Int64] { sids.filter(\.isAcknowledged).map(\.number) }

    @inline(__always)
    func find(_ sid: Int64) -> KalshiSid? {
        for entry in sids where entry.number == sid { return entry }
        return nil
    }

    /// The subscription of that number, met now if not before: recordings may be cut at their start.
    func sid(_ number: Int64, channel: KalshiChannel?) -> KalshiSid {
        if let found = find(number) {
            if found.channel == nil { found.channel = channel }
            return found
        }
        let fresh = KalshiSid(number, channel: channel)
        sids.append(fresh)
        return fresh
    }

    func remove(_ sid: KalshiSid) {
        sids.removeAll { $0 === sid }
    }

    // MARK: Live

    /// Books that were asked for, or as many as came where the recording does not tell.
    var wantedCount: Int { max(subscription.bookTickers.count, snapshotTickers.count) }

    /// Notes a snapshot. Gives whether it was the last that a break of the subscription had left open.
    func noteSnapshot(_ market: KalshiMarket) -> Bool {
        if !isLive { snapshotTickers.insert(market.instrument.id) }
        return awaited.remove(market.index) != nil && awaited.isEmpty
    }

    func await(_ market: KalshiMarket) { awaited.insert(market.index) }

    /// The market's book is not wanted any more. Gives whether it was the last awaited one.
    func forget(_ market: KalshiMarket) -> Bool {
        subscription.drop([market.instrument.id])
        return awaited.remove(market.index) != nil && awaited.isEmpty
    }

    /// Only these are still awaited: the subscription was made anew, and who does it piece by piece has said so.
    func awaitOnly(_ indices: Set<Int>) {
        if !isMarked { awaited.formIntersection(indices) }
    }

    /// Whether every book that was asked for has come. Without a word of what was asked for, one book is enough.
    var isComplete: Bool {
        guard awaited.isEmpty, !snapshotTickers.isEmpty, isAskedForWhole else { return false }
        let wanted = subscription.bookTickers
        return wanted.count <= snapshotTickers.count && wanted.isSubset(of: snapshotTickers)
    }
}

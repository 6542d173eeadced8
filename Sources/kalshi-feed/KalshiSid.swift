import MarketModel

/// What is known of one subscription on one connection; the venue names it by its `sid`.
final class KalshiSid {
    let number: Int64
    /// nil until a `subscribed` or a message tells it.
    var channel: KalshiChannel?
    var sequencer = KalshiSequencer()
    /// When its `subscribed` came; nil before.
    var acknowledged: Timestamp?
    var isAcknowledged: Bool { acknowledged != nil }
    var priceMode: KalshiPriceMode = .assumed
    /// When the last frame of it came that was in order; nil before the first.
    var lastGood: Timestamp?
    /// The markets whose snapshots came on it, in that order. One may have moved elsewhere since.
    private(set) var markets: [KalshiMarket] = []
    private var members: Set<Int> = []

    init(_ number: Int64, channel: KalshiChannel?) {
        self.number = number
        self.channel = channel
    }

    /// Whether a `subscribed` that comes now is late: until September 2026 data came before it at times.
    var awaitsAcknowledgement: Bool {
        !isAcknowledged && (sequencer.last == nil ? markets.isEmpty : sequencer.anchor == 1)
    }

    /// Starts over: the venue has opened it anew.
    func reset(channel: KalshiChannel) {
        self.channel = channel
        sequencer = KalshiSequencer()
        priceMode = .assumed
        lastGood = nil
        markets.removeAll()
        members.removeAll()
    }

    /// A snapshot of the market came on it.
    func add(_ market: KalshiMarket) {
        if members.insert(market.index).inserted { markets.append(market) }
    }
}

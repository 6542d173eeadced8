import FeedSession
import UnixTool

/// The MARKET arguments: which markets are shown.
struct KalshiSelection: Sendable {
    private let wishes: [(argument: String, wish: KalshiWish)]
    /// Also what was asked for over a socket, by name: the markets of a file or of a listing.
    private let showsAsked: Bool
    private let shard: MarketShard

    /// Whatever stands in the recording or comes over the sockets.
    static let everything = KalshiSelection()

    private init() {
        wishes = []
        showsAsked = false
        shard = .whole
    }

    init(_ arguments: [String], showsAsked: Bool = false, shard: MarketShard = .whole) throws(ToolFailure) {
        self.showsAsked = showsAsked
        self.shard = shard
        var wishes: [(argument: String, wish: KalshiWish)] = []
        for argument in arguments { wishes.append((argument, try KalshiWish(argument))) }
        self.wishes = wishes
    }

    var isEverything: Bool { wishes.isEmpty && !showsAsked && shard == .whole }

    /// Whether a market's lines go out.
    func includes(_ market: KalshiMarket) -> Bool {
        isEverything || (showsAsked && market.isAsked)
            || includes(ticker: market.instrument.id, event: market.instrument.facts.event, series: market.series)
    }

    /// The same for a market that nothing but this is known of.
    func includes(ticker: String, event: String?, series: String) -> Bool {
        if isEverything { return true }
        guard shard.includes(ticker) else { return false }
        return wishes.isEmpty && !showsAsked
            || wishes.contains { $0.wish.includes(ticker: ticker, event: event, series: series) }
    }

    /// Arguments that no market has met.
    func unmatched(_ markets: [KalshiMarket]) -> [String] {
        wishes.filter { entry in
            !markets.contains {
                entry.wish.includes(ticker: $0.instrument.id, event: $0.instrument.facts.event, series: $0.series)
            }
        }.map(\.argument)
    }
}

import MarketModel

/// One leg while it is walked: the levels that it takes, best first, with the price and fee of a share at each.
struct Ladder {
    /// Worst first, best last, as books keep them.
    private let levels: [Level]
    private let stake: Basket.Stake
    private let fee: TakerFee
    let rounding: FeeRounding
    /// The place of the level that is taken from, -1 when none is left.
    private var at: Int
    /// What is left of it, in millionths of a share.
    private(set) var left: Int64 = 0
    /// What is paid or got for a share, in millionths of a dollar.
    private(set) var price: Int64 = 0
    /// The fee of a share, in units of `TakerFee.unitsPerDollar`.
    private(set) var feePerShare: Int128 = 0

    init(_ book: OrderBook, _ stake: Basket.Stake, _ fee: TakerFee, _ rounding: FeeRounding) {
        levels = stake == .buy ? book.asks.levels : book.bids.levels
        self.stake = stake
        self.fee = fee
        self.rounding = rounding
        at = levels.count
        advance()
    }

    var isEmpty: Bool { at < 0 }

    /// Back to the best level.
    mutating func restart() {
        at = levels.count
        advance()
    }

    /// Takes shares of the level; at its end the next one comes.
    mutating func take(_ size: Int64) {
        left -= size
        if left == 0 { advance() }
    }

    private mutating func advance() {
        at -= 1
        guard at >= 0 else { return }
        left = levels[at].size.millionths
        price = stake == .buyOpposite ? levels[at].price.complement.millionths : levels[at].price.millionths
        feePerShare = fee.perShare(at: price)
    }
}

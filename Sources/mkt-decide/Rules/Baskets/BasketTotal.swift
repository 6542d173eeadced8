import JSON

/// What a basket of some size comes to, every number as it is printed: rounded against whoever trades, once, and adding up.
struct BasketTotal: Equatable {
    /// One leg, in millionths of a dollar.
    struct Leg: Equatable {
        /// The worst price taken: the limit.
        let price: Int64
        /// Up for who buys, down for who sells.
        let averagePrice: Int64
        let fee: Int64
    }

    /// A number that does not fit in 64 bits of millionths.
    struct Overflow: Error, Equatable {}

    let isBuying: Bool
    let legs: [Leg]
    /// Millionths, like all that follows.
    let size: Int64
    let cost: Int64
    let payout: Int64
    let fees: Int64
    let profit: Int64

    /// - Parameter worth: What one share of the basket pays, 0 to 1 dollar in millionths.
    init(_ sums: [LegSum], size: Int64, isBuying: Bool, worth: Int64 = Decimal6.one) throws(Overflow) {
        let legs = sums.compactMap { $0.leg(size, isBuying: isBuying) }
        let fees = legs.reduce(Int128(0)) { $0 + Int128($1.fee) }
        let money = BasketTotal.quotient(sums.reduce(0) { $0 + $1.money }, by: Int128(Decimal6.one), isUp: isBuying)
        // Exact for a whole dollar; else against who trades, as all else.
        let value = Int64(BasketTotal.quotient(Int128(size) * Int128(worth), by: Int128(Decimal6.one), isUp: !isBuying))
        let profit = (isBuying ? Int128(value) - money : money - Int128(value)) - fees
        guard legs.count == sums.count, let fees = Int64(exactly: fees), let profit = Int64(exactly: profit),
            let money = Int64(exactly: money)
        else { throw Overflow() }
        self.isBuying = isBuying
        self.legs = legs
        self.size = size
        self.fees = fees
        self.profit = profit
        cost = isBuying ? money : value
        payout = isBuying ? value : money
    }

    /// Whether it earns something, and enough a share.
    func isWorth(_ minEdge: Int64) -> Bool {
        profit > 0 && Int128(profit) * Int128(Decimal6.one) >= Int128(minEdge) * Int128(size)
    }

    /// Profit a share in millionths, rounded down.
    var edge: Int64 {
        // Only what is not worth it could be beyond 64 bits, and that is printed nowhere but in `--explain`.
        Int64(clamping: BasketTotal.quotient(Int128(profit) * Int128(Decimal6.one), by: Int128(size), isUp: false))
    }

    /// Rounded up or down, of any sign; `divisor` is above zero.
    static func quotient(_ value: Int128, by divisor: Int128, isUp: Bool) -> Int128 {
        let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
        if isUp { return quotient + (rest > 0 ? 1 : 0) }
        return quotient - (rest < 0 ? 1 : 0)
    }
}

/// One leg while its shares are added up, exact.
struct LegSum {
    private let rounding: FeeRounding
    private var fees = FeeSum()
    /// Millionths of millionths of a dollar.
    private(set) var money: Int128 = 0
    private var price: Int64 = 0

    init(_ rounding: FeeRounding) { self.rounding = rounding }

    mutating func add(_ size: Int64, of ladder: Ladder) {
        fees.add(size: size, perShare: ladder.feePerShare)
        money += Int128(size) * Int128(ladder.price)
        price = ladder.price
    }

    /// nil where the fee is beyond 64 bits of millionths.
    func leg(_ size: Int64, isBuying: Bool) -> BasketTotal.Leg? {
        guard let fee = rounding.millionths(of: fees) else { return nil }
        let average = BasketTotal.quotient(money, by: Int128(size), isUp: isBuying)
        return BasketTotal.Leg(price: price, averagePrice: Int64(average), fee: fee)
    }
}

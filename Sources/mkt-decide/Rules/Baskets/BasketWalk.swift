import JSON

/// Walks the legs of a basket together, level by level, to the size at which the next share would earn too little.
///
/// All of it is exact: prices and sizes are millionths, fees of a share parts of a dollar that hold them, sums 128 or 256 bits.
struct BasketWalk {
    private var ladders: [Ladder]
    private let isBuying: Bool
    /// What one share of the basket pays, in millionths of a dollar.
    private let worth: Int64
    private let limits: BasketLimits
    /// The least that a share has to earn, in units of `TakerFee.unitsPerDollar`.
    private let leastGain: Int128

    init(_ ladders: [Ladder], isBuying: Bool, worth: Int64 = Decimal6.one, _ limits: BasketLimits) {
        self.ladders = ladders
        self.isBuying = isBuying
        self.worth = worth
        self.limits = limits
        leastGain = Int128(limits.minEdge) * TakerFee.unitsPerMillionth
    }

    /// What the best shares of all legs earn after fees, in units of `TakerFee.unitsPerDollar`; nil where a side is empty.
    var gain: Int128? {
        // At most 128 legs of at most two dollars a share, each of at most 10^36 units, and the sum is taken leg by leg: it fits.
        let pays = Int128(worth) * TakerFee.unitsPerMillionth
        var sum: Int128 = isBuying ? pays : -pays
        for ladder in ladders {
            if ladder.isEmpty { return nil }
            let price = Int128(ladder.price) * TakerFee.unitsPerMillionth
            sum += (isBuying ? -price : price) - ladder.feePerShare
            // What follows only takes away: no need to go on, nor room for it.
            if isBuying, sum < 0 { return sum }
        }
        return sum
    }

    /// What a share of the whole basket costs, in millionths of a dollar: its prices, or what has to be paid for one that is sold, such as
    /// the dollar that a set is made of.
    private var costPerShare: Int64 {
        isBuying ? ladders.reduce(0) { $0 + $1.price } : worth
    }

    /// The size to take, in millionths of a share: within the limits, cut down to whole steps; 0 for nothing.
    mutating func size() -> Int64 {
        var size: Int64 = 0
        // Millionths of millionths of a dollar.
        var room = Int128(limits.maxCost) * Int128(Decimal6.one)
        while let gain, gain >= leastGain {
            let level = leastLeft
            var step = min(level, limits.maxSize - size)
            let cost = Int128(costPerShare)
            if cost > 0 { step = Int64(min(Int128(step), room / cost)) }
            size += step
            room -= cost * Int128(step)
            // A step that was cut is the last one.
            if step < level { break }
            take(step)
        }
        for index in ladders.indices { ladders[index].restart() }
        return size - size % BasketLimits.sizeStep
    }

    /// What the best `size` shares come to, which must be there.
    mutating func total(_ size: Int64) throws(BasketTotal.Overflow) -> BasketTotal {
        var sums = ladders.map { LegSum($0.rounding) }
        var left = size
        while left > 0 {
            let step = min(leastLeft, left)
            for index in ladders.indices { sums[index].add(step, of: ladders[index]) }
            take(step)
            left -= step
        }
        return try BasketTotal(sums, size: size, isBuying: isBuying, worth: worth)
    }

    private var leastLeft: Int64 { ladders.reduce(Int64.max) { min($0, $1.left) } }

    private mutating func take(_ step: Int64) {
        for index in ladders.indices { ladders[index].take(step) }
    }
}

import JSON

/// What an account on paper holds of one instrument.
struct PaperPosition: Equatable {
    /// Shares in millionths; below zero for those that were sold and are owed.
    private(set) var size: Int64 = 0
    /// What the shares that are held cost, without fees; below zero for what was got for those that are owed.
    private(set) var cost: Int128 = 0
    /// What shares have earned that came and went, without fees. Never more than the truth: a part of a cost is rounded up.
    private(set) var realized: Int128 = 0
    /// Millionths of a dollar.
    private(set) var fees: Int128 = 0

    /// Takes shares in, or gives them away below zero, at a price in millionths. False, and nothing done, beyond 64 bits of shares.
    mutating func trade(_ shares: Int64, at price: Int64) -> Bool {
        let (sum, overflow) = size.addingReportingOverflow(shares)
        guard !overflow, sum != .min else { return false }
        let isClosing = size != 0 && (size > 0) != (shares > 0)
        let closing = isClosing ? min(shares.magnitude, size.magnitude) : 0
        if closing > 0 {
            let basis = closing == size.magnitude ? cost : PaperMoney.share(cost, closing, of: size.magnitude)
            let money = Int128(closing) * Int128(price)
            realized += (size > 0 ? money : -money) - basis
            cost -= basis
        }
        let opening = Int128(shares.magnitude - closing)
        cost += (shares > 0 ? opening : -opening) * Int128(price)
        size = sum
        return true
    }

    mutating func charge(_ fee: Int64) { fees += Int128(fee) }

    /// Ends it at what a share pays.
    mutating func settle(at price: Int64) {
        // A sum of zero fits.
        _ = trade(-size, at: price)
    }

    /// What the shares would earn at a price, beside what they cost.
    func unrealized(at price: Int64) -> Int128 { Int128(size) * Int128(price) - cost }
}

import JSON

/// The fee of a leg before it is rounded: sizes times fees of a share, in 256 bits, exact.
///
/// A unit is a millionth of a share times a unit of `TakerFee.unitsPerDollar`: 10^-42 dollars.
struct FeeSum: Equatable {
    private var high: UInt128 = 0
    private var low: UInt128 = 0

    /// Adds `size` millionths of shares at a fee of `perShare`, neither below zero.
    mutating func add(size: Int64, perShare: Int128) {
        let product = perShare.magnitude.multipliedFullWidth(by: UInt128(size.magnitude))
        let (sum, overflow) = low.addingReportingOverflow(product.low)
        low = sum
        // A size has 63 bits and a fee 121, so a carry out of `high` would take more levels than memory holds.
        high += product.high + (overflow ? 1 : 0)
    }

    /// The whole number of `divisor`s in it, and whether something was left.
    func divided(by divisor: UInt128) -> (quotient: UInt128, remainder: UInt128)? {
        guard high < divisor else { return nil }
        return divisor.dividingFullWidth((high, low))
    }
}

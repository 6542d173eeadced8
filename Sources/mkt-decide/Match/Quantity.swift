/// A number of a question and what is asked of it: above 84,000 dollars, 74 to 75 degrees, exactly 3.
struct Quantity: Hashable {
    enum Bound: UInt8 {
        case exact, above, below, between
    }

    enum Unit: UInt8 {
        case none, dollar, percent, degree, minute
    }

    var bound: Bound
    /// Millionths; of a range its lower end.
    var low: Int64
    /// Of a range its upper end; else `low`.
    var high: Int64
    var unit = Unit.none
    /// The number itself counts too: `84,000 or above`.
    var isInclusive = false
    /// It is enough to have been there once: `reach`, `dip to`.
    var isTouch = false
    /// What is numbered so: `game`, `season`, `th` of `99th`.
    var label = ""

    static let one: Int64 = 1_000_000

    /// One value for all the ways to say it: `above 83,999.99` is above 84,000, of things that are counted `7 or more` is
    /// above 6.5, and of degrees above 79 is above 79.5 as 80 or more is.
    var settled: Quantity {
        var quantity = self
        quantity.low = Quantity.roundedCent(low)
        quantity.high = Quantity.roundedCent(high)
        guard bound == .above || bound == .below, low % Quantity.one == 0 else { return quantity }
        // Degrees are told as whole ones; what has no unit is counted where the number itself counts too.
        guard unit == .degree || (unit == .none && isInclusive && low < 1000 * Quantity.one) else { return quantity }
        let isUp = (bound == .above) != isInclusive
        quantity.low += (isUp ? 1 : -1) * Quantity.one / 2
        quantity.high = quantity.low
        return quantity
    }

    /// A bound that lies a last digit below a round number means that number: 83,999.99, 6999.9999, 2.5999.
    private static func roundedCent(_ value: Int64) -> Int64 {
        let isCent = value > 100 * one && value % one == one - 10_000
        if isCent { return value + 10_000 }
        return value > one && value % 10_000 == 9_900 ? value + 100 : value
    }

    /// Tells apart what must never be linked.
    var key: String { "\(bound.rawValue):\(low):\(high):\(label)" }
}

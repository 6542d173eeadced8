/// What one rule holds of an instrument, or several rules together; shares and dollars in millionths.
struct Holding {
    /// Below zero where shares were sold that were never bought.
    var size: Int128 = 0
    var cost: Int128 = 0
    var realized: Int128 = 0
    var fees: Int128 = 0

    /// What the instrument has earned so far, without the shares that are left.
    var earned: Int128 { realized - fees }

    static func + (one: Holding, other: Holding) -> Holding {
        Holding(
            size: one.size + other.size, cost: one.cost + other.cost, realized: one.realized + other.realized,
            fees: one.fees + other.fees)
    }
}

/// What a rule has to say of a basket at a sight.
enum GroupNews {
    case nothing
    case found(BasketTotal)
    /// Prices alone would have been enough.
    case missed(GroupMiss)
}

/// What was missing where the best prices would have left something before fees.
enum GroupMiss {
    /// A book is as old as `max_age` or older.
    case stale
    /// A market is not open.
    case closed(member: Int)
    case fee(member: Int, TakerFee.Fault)
    /// The first share earns too little after fees; or there are less than 0.01 shares. In units of `TakerFee.unitsPerDollar`.
    case thin(Int128)
    /// All of it earns too little once its fees are rounded.
    case poor(BasketTotal)
    /// One of its numbers is beyond 64 bits of millionths.
    case tooLarge
    /// It has not been there for `hold` yet.
    case young(BasketTotal, micros: Int64)
}

/// The legs of one decision on their way to the books.
struct PaperOrder {
    struct Leg {
        /// The number of the instrument whose book it takes from.
        let instrument: Int
        let stake: Basket.Stake
        /// The worst price that it takes, in millionths, as the decision's leg tells it.
        let limit: Int64
        /// nil where nobody said how the venue rounds.
        let rounding: FeeRounding?
    }

    /// The place of the rule among all.
    let rule: Int
    let decisionID: String
    /// In millionths of a share, of every leg.
    let size: Int64
    let legs: [Leg]

    init(_ watch: BasketWatch, _ basket: Basket, _ total: BasketTotal, decisionID: String) {
        rule = watch.assignment.ruleIndex
        self.decisionID = decisionID
        size = total.size
        legs = watch.members.indices.map { place in
            Leg(
                instrument: watch.members[place].instrument, stake: basket.stakes[place], limit: total.legs[place].price,
                rounding: watch.members[place].rounding)
        }
    }
}

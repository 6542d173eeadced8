/// The legs of one decision on their way to the books.
struct PaperOrder {
    struct Leg {
        /// The number of the instrument whose book it takes from.
        let instrument: Int
        let stake: Basket.Stake
        /// The worst price that it takes, in millionths, as the decision's leg tells it.
        let limit: Int64
        /// What it changes, as the decision tells it: what is said of the instrument later changes nothing.
        let trade: PaperTrade
        /// nil where nobody said how the venue rounds.
        let rounding: FeeRounding?
    }

    /// The place of the rule among all.
    let rule: Int
    let decisionID: String
    /// In millionths of a share, of every leg.
    let size: Int64
    let legs: [Leg]

    init(_ watch: BasketWatch, _ basket: Basket, _ total: BasketTotal, decisionID: String, in router: borrowing Router) {
        rule = watch.assignment.ruleIndex
        self.decisionID = decisionID
        size = total.size
        var legs: [Leg] = []
        for (place, member) in watch.members.enumerated() {
            let stake = basket.stakes[place]
            legs.append(
                Leg(
                    instrument: member.instrument, stake: stake, limit: total.legs[place].price,
                    trade: PaperTrade(stake, of: member.instrument, in: router), rounding: member.rounding))
        }
        self.legs = legs
    }
}

import JSON
import MarketModel
import UnixTool

/// Short plain words about what a rule found, or missed, in several books.
enum GroupNote {
    /// `buy 150 for 128.5 + fees 5.1326, pays 150: profit 16.3674, edge 0.109116 >= 0.005`.
    static func found(_ total: BasketTotal, _ limits: BasketLimits) -> String {
        let relation = total.isWorth(limits.minEdge) ? ">=" : "<"
        return "\(sums(total)): profit \(ExactText.millionths(total.profit)), edge \(ExactText.millionths(total.edge)) \(relation) "
            + ExactText.millionths(limits.minEdge)
    }

    private static func sums(_ total: BasketTotal) -> String {
        let (size, cost) = (ExactText.millionths(total.size), ExactText.millionths(total.cost))
        let (fees, payout) = (ExactText.millionths(total.fees), ExactText.millionths(total.payout))
        return total.isBuying
            ? "buy \(size) for \(cost) + fees \(fees), pays \(payout)" : "sell \(size) for \(payout) - fees \(fees), made of \(cost)"
    }

    /// Of a link that is held from now on.
    static func held(_ link: Link) -> String {
        let what = link.relation == .same ? "its mids add up to 1" : "its mids agree"
        return "link held: \(link.summary), but \(what) for \(Durations.text(LinkGuard.patienceMicros)); probably inverted"
    }

    /// For `--explain`.
    static func missed(_ miss: GroupMiss, _ watch: GroupWatch, _ router: borrowing Router) -> String {
        switch miss {
        case .stale: "a book of it is not younger than \(Durations.text(watch.limits.maxAgeMicros))"
        case .closed(let place): "\(name(place, watch, router)) is not open"
        case .fee(let place, let fault): "no decision on \(name(place, watch, router)): \(fault.reason)"
        case .thin(let gain):
            "the best share earns \(ExactText.decimal(gain, decimals: 36)) after fees, and \(ExactText.millionths(watch.limits.minEdge)) "
                + "is wanted for 0.01 shares"
        case .poor(let total): found(total, watch.limits)
        case .tooLarge: "what it comes to is beyond 9,223,372,036,854 dollars"
        case .young(let total, let micros):
            "\(found(total, watch.limits)), but it has been there for \(Durations.text(micros)) of "
                + Durations.text(watch.limits.holdMicros)
        }
    }

    /// `kalshi KX`.
    static func name(_ place: Int, _ watch: GroupWatch, _ router: borrowing Router) -> String {
        let slot = router.instruments[watch.members[place].instrument]
        return "\(slot.venue) \(slot.instrument)"
    }
}

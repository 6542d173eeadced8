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

    /// `polymarket 74 moved 0.06 >= 0.05 (0.41 to 0.47) and kalshi KX stood still for 2s: buy 10 at 0.42`.
    static func stale(_ move: LaggardWatch.Move, _ quote: LaggardQuote, _ watch: LaggardWatch, _ router: borrowing Router) -> String {
        let moved = 1 - quote.place
        let now = watch.mid(of: moved) ?? move.toDoubled
        let (from, to) = (ExactText.half(move.from.doubleMid), ExactText.half(now))
        let (price, size) = (ExactText.millionths(quote.level.price.millionths), ExactText.millionths(quote.level.size.millionths))
        return "\(name(moved, watch, router)) moved \(ExactText.half(abs(now - move.from.doubleMid))) >= "
            + "\(ExactText.millionths(watch.strategy.minMove)) (\(from) to \(to)) and \(name(quote.place, watch, router)) stood still for "
            + "\(Durations.text(watch.strategy.lagMicros)): \(quote.isCheap ? "buy" : "sell") \(size) at \(price)"
    }

    /// `polymarket 74 moved 0.06 (0.41 to 0.47), but kalshi KX changed with 1200ms of 2s left`.
    static func ended(
        _ move: LaggardWatch.Move, of place: Int, isFollowed: Bool, at now: Timestamp, _ watch: LaggardWatch, _ router: borrowing Router
    ) -> String {
        let (from, to) = (move.from.doubleMid, move.toDoubled)
        let what = isFollowed ? "\(name(1 - place, watch, router)) changed" : "it went back"
        return "\(name(place, watch, router)) moved \(ExactText.half(abs(to - from))) (\(ExactText.half(from)) to \(ExactText.half(to))), "
            + "but \(what) with \(Durations.text(move.due.micros(since: now))) of \(Durations.text(watch.strategy.lagMicros)) left"
    }

    /// `; a share pays 1, as polymarket 74 tells`; empty where it pays a dollar anyway.
    static func settlement(_ watch: BasketWatch) -> String {
        guard let settlement = watch.settlement else { return "" }
        return "; a share pays \(ExactText.millionths(settlement.price.millionths)), as \(settlement.teller) tells"
    }

    /// Of a link that is held from now on.
    static func held(_ link: Link) -> String {
        let what = link.relation == .same ? "its mids add up to 1" : "its mids agree"
        return "link held: \(link.summary), but \(what) for \(Durations.text(LinkGuard.patienceMicros)); probably inverted"
    }

    /// For `--explain`.
    static func missed(_ miss: GroupMiss, _ watch: BasketWatch, _ router: borrowing Router) -> String {
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

import MarketModel

/// Which of a market's two ladders of bids.
enum KalshiLeg: UInt8, Sendable {
    case yes, no
}

/// The one place where YES and NO bids become one absolute book of the YES side.
///
/// A YES bid at `p` is a bid at `p`. A NO bid at `p` is an ask at `1 - p`, unless the subscription said `use_yes_price`: then the NO ladder
/// comes in YES prices already and is not complemented again. Source: venues dossier §4.1.
struct KalshiLadder: Sendable {
    /// Whether NO prices come as YES prices.
    let usesYesPrice: Bool

    /// Where a level of the wire lies in the book.
    @inline(__always)
    func place(_ leg: KalshiLeg, _ price: Price) -> (side: Side, price: Price) {
        switch leg {
        case .yes: (.bid, price)
        case .no: (.ask, usesYesPrice ? price : price.complement)
        }
    }

    /// Replaces the whole book and makes it known. False, and an unknown book, if a price stands twice on a ladder.
    func replace(_ book: inout OrderBook, yes: [Level], no: inout [Level]) -> Bool {
        for index in no.indices { no[index].price = place(.no, no[index].price).price }
        return book.replace(bids: yes, asks: no)
    }

    /// Applies a signed change and gives the level as it was and as it now is. nil, and no change, if less than nothing would rest there.
    func apply(_ delta: KalshiDelta, to book: inout OrderBook) -> (side: Side, before: Level, level: Level)? {
        let (side, price) = place(delta.leg, delta.price)
        let before = book.size(at: price, on: side).millionths
        let (after, overflow) = before.addingReportingOverflow(delta.change)
        guard !overflow, after >= 0 else { return nil }
        let level = Level(price: price, size: Size(millionths: after))
        book.set(side, level)
        return (side, Level(price: price, size: Size(millionths: before)), level)
    }

    /// How the NO list of a snapshot must have been meant, from its order on the wire; nil where that cannot be told.
    ///
    /// Own prices rise, best bid last; YES prices fall, best ask last.
    static func usesYesPrice(inOrderOf no: [Level]) -> Bool? {
        guard no.count >= 2 else { return nil }
        let rises = no[0].price < no[1].price
        for index in 1..<no.count {
            let (before, price) = (no[index - 1].price, no[index].price)
            guard before != price, (before < price) == rises else { return nil }
        }
        return !rises
    }
}

/// How it is known in which prices a subscription's NO ladder comes.
enum KalshiPriceMode: Equatable, Sendable {
    /// Our own subscribe command said it.
    case told(usesYesPrice: Bool)
    /// The order of a snapshot's NO list showed it.
    case shown(usesYesPrice: Bool)
    /// Nothing said it: the documented default, own prices.
    case assumed

    var usesYesPrice: Bool {
        switch self {
        case .told(let usesYesPrice), .shown(let usesYesPrice): usesYesPrice
        case .assumed: false
        }
    }
}

import MarketModel

/// The book that a leg takes from, as it stands when the order arrives.
struct PaperMarket {
    /// Why an order, or the rest of it, was not filled.
    enum Refusal: String, Error {
        case unknown = "the book is not known"
        case crossed = "the book is crossed"
        case closed = "the market is not open"
        case fee = "the fee is not known"
        case depth = "not enough rested at the limit or better"
        case tooLarge = "beyond 64 bits"
    }

    /// Best first.
    let levels: ReversedCollection<[Level]>
    let fee: TakerFee
    let rounding: FeeRounding
    private let stake: Basket.Stake

    private init(_ side: BookSide, _ stake: Basket.Stake, _ fee: TakerFee, _ rounding: FeeRounding) {
        levels = side.bestFirst
        self.stake = stake
        self.fee = fee
        self.rounding = rounding
    }

    /// What a leg finds.
    static func find(_ leg: PaperOrder.Leg, in router: borrowing Router) -> Result<PaperMarket, Refusal> {
        let number = router.currentBook(of: leg.instrument)
        guard number >= 0 else { return .failure(.unknown) }
        guard !router.books[number].top.isCrossed else { return .failure(.crossed) }
        let facts = router.instruments[leg.instrument].facts
        // A settled market may still trade away from what it pays; then somebody takes the order.
        guard facts.isOpen || facts.settlement != nil else { return .failure(.closed) }
        guard case .success(let fee) = facts.fee, let rounding = leg.rounding ?? (fee.isZero ? .up6 : nil) else { return .failure(.fee) }
        let book = router.books[number].book
        return .success(PaperMarket(leg.stake == .buy ? book.asks : book.bids, leg.stake, fee, rounding))
    }

    /// A level's price as the leg pays or gets it, in millionths.
    func price(of level: Level) -> Int64 {
        stake == .buyOpposite ? level.price.complement.millionths : level.price.millionths
    }

    func isWithin(_ limit: Int64, _ price: Int64) -> Bool { stake == .sell ? price >= limit : price <= limit }
}

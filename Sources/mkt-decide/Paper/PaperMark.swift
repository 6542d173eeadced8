import MarketModel

/// What shares that are held, or owed, would bring now, and what they pay.
enum PaperMark {
    /// The best bid for what is held, the best ask for what is owed, in millionths; nil where no book was ever seen.
    ///
    /// The latest known book counts; where none is known the one that was seen last. Nobody there to trade with is the worst price: nothing
    /// for what is held, a dollar for what is owed. An instrument without a book of its own is the mirror of its complement.
    static func price(of asset: PaperAsset, isHeld: Bool, in router: borrowing Router) -> Int64? {
        if let worth = worth(of: asset, in: router) { return worth.millionths }
        if let number = router.instrumentNumber(venue: asset.venue, instrument: asset.instrument), let top = top(of: number, in: router) {
            return isHeld ? (top.bid ?? .zero).millionths : (top.ask ?? .one).millionths
        }
        guard let other = complementNumber(of: asset, in: router), let top = top(of: other, in: router) else { return nil }
        return isHeld ? (top.ask ?? .one).complement.millionths : (top.bid ?? .zero).complement.millionths
    }

    /// What a share pays, where it or its complement is settled.
    static func worth(of asset: PaperAsset, in router: borrowing Router) -> Price? {
        if let number = router.instrumentNumber(venue: asset.venue, instrument: asset.instrument),
            let worth = router.instruments[number].facts.settlement
        {
            return worth
        }
        return complementNumber(of: asset, in: router).flatMap { router.instruments[$0].facts.settlement?.complement }
    }

    /// The other outcome of its market, seen or not: the one that it names, or else the one that names it.
    static func complement(of asset: PaperAsset, in router: borrowing Router) -> PaperAsset? {
        if let number = complementNumber(of: asset, in: router) { return PaperAsset(router.instruments[number]) }
        guard let number = router.instrumentNumber(venue: asset.venue, instrument: asset.instrument),
            let name = router.instruments[number].facts.complement
        else { return nil }
        return PaperAsset(venue: asset.venue, market: asset.market, instrument: name, label: nil)
    }

    private static func complementNumber(of asset: PaperAsset, in router: borrowing Router) -> Int? {
        if let own = router.instrumentNumber(venue: asset.venue, instrument: asset.instrument),
            let name = router.instruments[own].facts.complement,
            let number = router.instrumentNumber(venue: asset.venue, instrument: name)
        {
            return number
        }
        guard let namer = router.namers[Link.End(venue: asset.venue, instrument: asset.instrument)],
            router.instruments[namer].facts.complement == asset.instrument
        else { return nil }
        return namer
    }

    private static func top(of number: Int, in router: borrowing Router) -> BookTop? {
        let current = router.currentBook(of: number)
        if current >= 0 { return router.books[current].top }
        var latest = -1
        for book in router.instruments[number].books where router.books[book].mark.seq > 0 || router.books[book].breaks > 0 {
            if latest < 0 || router.books[book].mark.received >= router.books[latest].mark.received { latest = book }
        }
        return latest < 0 ? nil : router.books[latest].top
    }
}

import MarketModel

/// What shares that are held, or owed, would bring now.
enum PaperMark {
    /// The best bid for what is held, the best ask for what is owed, in millionths; nil where no book was ever seen.
    ///
    /// The latest known book counts; where none is known the one that was seen last. Nobody there to trade with is the worst price: nothing
    /// for what is held, a dollar for what is owed. An instrument without a book of its own is the mirror of its complement.
    static func price(of asset: PaperAsset, isHeld: Bool, in router: borrowing Router) -> Int64? {
        guard let number = router.instrumentNumber(venue: asset.venue, instrument: asset.instrument) else {
            return mirrored(asset, isHeld: isHeld, in: router)
        }
        let slot = router.instruments[number]
        if let worth = slot.facts.settlement { return worth.millionths }
        let complement = complement(of: asset, slot, in: router)
        if let worth = complement.flatMap({ router.instruments[$0].facts.settlement }) { return worth.complement.millionths }
        guard let top = top(of: slot, number, in: router) else { return mirrored(asset, isHeld: isHeld, in: router) }
        return isHeld ? (top.bid ?? .zero).millionths : (top.ask ?? .one).millionths
    }

    private static func mirrored(_ asset: PaperAsset, isHeld: Bool, in router: borrowing Router) -> Int64? {
        let other = complement(of: asset, nil, in: router)
        guard let other else { return nil }
        let slot = router.instruments[other]
        if let worth = slot.facts.settlement { return worth.complement.millionths }
        guard let top = top(of: slot, other, in: router) else { return nil }
        return isHeld ? (top.ask ?? .one).complement.millionths : (top.bid ?? .zero).complement.millionths
    }

    /// The instrument that it names as its complement, or else the one that names it.
    private static func complement(of asset: PaperAsset, _ slot: InstrumentSlot?, in router: borrowing Router) -> Int? {
        if let name = slot?.facts.complement, let number = router.instrumentNumber(venue: asset.venue, instrument: name) { return number }
        guard let namer = router.namers[Link.End(venue: asset.venue, instrument: asset.instrument)],
            router.instruments[namer].facts.complement == asset.instrument
        else { return nil }
        return namer
    }

    private static func top(of slot: InstrumentSlot, _ number: Int, in router: borrowing Router) -> BookTop? {
        let current = router.currentBook(of: number)
        if current >= 0 { return router.books[current].top }
        let seen = slot.books.filter { router.books[$0].mark.seq > 0 || router.books[$0].breaks > 0 }
        return seen.max { router.books[$0].mark.received < router.books[$1].mark.received }.map { router.books[$0].top }
    }
}

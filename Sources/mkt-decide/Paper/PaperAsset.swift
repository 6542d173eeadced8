import MarketModel

/// What an account on paper holds, or owes: an instrument by its names, as decisions tell it.
struct PaperAsset: Hashable {
    let venue: String
    let market: String
    let instrument: String
    let label: String?

    init(_ slot: InstrumentSlot) {
        self.init(venue: slot.venue, market: slot.market, instrument: slot.instrument, label: slot.label)
    }

    init(venue: String, market: String, instrument: String, label: String?) {
        (self.venue, self.market, self.instrument, self.label) = (venue, market, instrument, label)
    }

    /// The same with the label that it has now.
    func labelled(in router: borrowing Router) -> PaperAsset {
        guard let number = router.instrumentNumber(venue: venue, instrument: instrument) else { return self }
        return PaperAsset(venue: venue, market: market, instrument: instrument, label: router.instruments[number].label)
    }

    static func == (left: PaperAsset, right: PaperAsset) -> Bool {
        left.venue == right.venue && left.instrument == right.instrument
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(venue)
        hasher.combine(instrument)
    }

    /// By venue and instrument, in rising byte order.
    static func precedes(_ one: PaperAsset, _ other: PaperAsset) -> Bool {
        one.venue == other.venue
            ? one.instrument.utf8.lexicographicallyPrecedes(other.instrument.utf8)
            : one.venue.utf8.lexicographicallyPrecedes(other.venue.utf8)
    }
}

/// How a leg changes an account: which instrument comes or goes, and at what price of its own.
struct PaperTrade {
    let asset: PaperAsset
    let isBuying: Bool
    /// Whether a price `p` of the leg is `1 - p` of the asset: the opposite of an instrument that has no complement is that instrument sold.
    private let isMirrored: Bool

    init(_ stake: Basket.Stake, of instrument: Int, in router: borrowing Router) {
        let slot = router.instruments[instrument]
        let own = PaperAsset(slot)
        guard stake == .buyOpposite else {
            asset = own
            isBuying = stake == .buy
            isMirrored = false
            return
        }
        guard let complement = slot.facts.complement else {
            asset = own
            isBuying = false
            isMirrored = true
            return
        }
        let known = router.instrumentNumber(venue: slot.venue, instrument: complement).map { router.instruments[$0] }
        asset = PaperAsset(
            venue: slot.venue, market: known?.market ?? slot.market, instrument: complement, label: known?.label)
        isBuying = true
        isMirrored = false
    }

    /// A price of the leg, in millionths, as a price of the asset.
    func price(_ millionths: Int64) -> Int64 {
        isMirrored ? Price(millionths: millionths).complement.millionths : millionths
    }
}

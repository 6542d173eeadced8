import MarketModel

/// Instruments whose worth is known, and who has to know.
extension Router {
    /// Takes what a share of an instrument pays. Gives the instruments that rules look at from now on because of it, in the order in which
    /// they were first seen.
    mutating func settle(_ price: Price, ofBook number: Int) -> [Int] {
        let instrument = books[number].instrument
        instruments[instrument].facts.isOpen = false
        instruments[instrument].facts.settlement = price
        guard groups.asksForSettlements else { return [] }
        let slot = instruments[instrument]
        let teller = "\(slot.venue) \(slot.instrument)"
        var concerned = [watch(instrument, BasketWatch.Settlement(price: price, teller: teller, isLinked: false))]
        if let other = complementNumber(of: instrument) {
            concerned.append(watch(other, BasketWatch.Settlement(price: price.complement, teller: teller, isLinked: false)))
        }
        for (link, place) in groups.linksByEnd[Link.End(venue: slot.venue, instrument: slot.instrument)] ?? [] {
            let end = groups.links[link].ends[1 - place]
            guard let other = instrumentNumber(venue: end.venue, instrument: end.instrument) else { continue }
            let worth = groups.links[link].relation == .same ? price : price.complement
            concerned.append(watch(other, BasketWatch.Settlement(price: worth, teller: teller, isLinked: true)))
        }
        return Array(Set(concerned.compactMap(\.self))).sorted()
    }

    /// The other outcome of an instrument's market, where both name each other.
    func complementNumber(of instrument: Int) -> Int? {
        guard let name = instruments[instrument].facts.complement,
            let other = instrumentNumber(venue: instruments[instrument].venue, instrument: name), other != instrument,
            names(other, instrument)
        else { return nil }
        return other
    }

    /// Lets the rules that ask for it look at an instrument; nil where none does.
    private mutating func watch(_ instrument: Int, _ settlement: BasketWatch.Settlement) -> Int? {
        var isWatched = false
        for entry in groups.entries {
            guard case .settled(let throughLinks) = entry.source, let limits = entry.task.limits, throughLinks || !settlement.isLinked
            else { continue }
            let key = GroupTable.SettledOfRule(rule: entry.rule, instrument: instrument)
            let earlier = groups.settledWatches[key]
            // What a venue says of its own instrument is never overruled by another's word.
            if let earlier, earlier.settlement == settlement || (settlement.isLinked && earlier.settlement?.isLinked == false) { continue }
            if let earlier { detach(earlier, from: instrument) }
            let watch = BasketWatch(earlier?.assignment ?? assignment(entry), limits, settlement, of: member(instrument, entry))
            groups.settledWatches[key] = watch
            attach(watch, to: instrument)
            rescope(watch)
            isWatched = true
        }
        return isWatched ? instrument : nil
    }
}

import MarketModel

/// Instruments whose worth is known, and who has to know.
extension Router {
    /// Takes what a share of an instrument pays. Gives the instruments whose worth it tells, in the order in which they were first seen.
    mutating func settle(_ price: Price, ofBook number: Int) -> [Int] {
        let instrument = books[number].instrument
        instruments[instrument].facts.isOpen = false
        instruments[instrument].facts.settlement = price
        guard groups.asksForSettlements else { return [] }
        var concerned: Set<Int> = [instrument]
        if let other = complementNumber(of: instrument) { concerned.insert(other) }
        for (link, place) in groups.linksByEnd[end(of: instrument)] ?? [] {
            let end = groups.links[link].ends[1 - place]
            if let other = instrumentNumber(venue: end.venue, instrument: end.instrument) { concerned.insert(other) }
        }
        for instrument in concerned { settle(instrument) }
        return concerned.sorted()
    }

    /// Lets the rules that ask for it look at an instrument, where it is known by now what a share of it pays.
    ///
    /// What its venue says of it counts before what it says of its complement, and both before the first link that tells.
    mutating func settle(_ instrument: Int) {
        guard groups.asksForSettlements else { return }
        let own = instruments[instrument].facts.settlement.map { settlement($0, by: instrument, isLinked: false) }
        let other = complementNumber(of: instrument).flatMap { other in
            instruments[other].facts.settlement.map { settlement($0.complement, by: other, isLinked: false) }
        }
        watch(instrument, own ?? other ?? linkedSettlement(of: instrument))
    }

    private func linkedSettlement(of instrument: Int) -> BasketWatch.Settlement? {
        for (link, place) in groups.linksByEnd[end(of: instrument)] ?? [] {
            let end = groups.links[link].ends[1 - place]
            guard let other = instrumentNumber(venue: end.venue, instrument: end.instrument),
                let price = instruments[other].facts.settlement
            else { continue }
            return settlement(groups.links[link].relation == .same ? price : price.complement, by: other, isLinked: true)
        }
        return nil
    }

    private func settlement(_ price: Price, by teller: Int, isLinked: Bool) -> BasketWatch.Settlement {
        BasketWatch.Settlement(price: price, teller: tellerName(teller), isLinked: isLinked)
    }

    /// How settlements name an instrument.
    func tellerName(_ instrument: Int) -> String { "\(instruments[instrument].venue) \(instruments[instrument].instrument)" }

    /// The other outcome of an instrument's market, where both name each other.
    func complementNumber(of instrument: Int) -> Int? {
        guard let name = instruments[instrument].facts.complement,
            let other = instrumentNumber(venue: instruments[instrument].venue, instrument: name), other != instrument,
            names(other, instrument)
        else { return nil }
        return other
    }

    /// - Parameter settlement: nil where nobody tells, or does so any more.
    private mutating func watch(_ instrument: Int, _ settlement: BasketWatch.Settlement?) {
        for entry in groups.entries {
            guard case .settled(let throughLinks) = entry.source, let limits = entry.task.limits else { continue }
            let key = GroupTable.SettledOfRule(rule: entry.rule, instrument: instrument)
            guard let settlement, throughLinks || !settlement.isLinked else {
                let earlier = groups.settledWatches[key]
                // A link that went may never come back; what a venue says of its own is only not known for a while.
                if earlier?.settlement?.isLinked == true { earlier?.end() } else { earlier?.isComplete = false }
                continue
            }
            if let earlier = groups.settledWatches[key] {
                earlier.settlement = settlement
                earlier.isComplete = true
                continue
            }
            let watch = BasketWatch(assignment(entry), limits, settlement, of: member(instrument, entry))
            groups.settledWatches[key] = watch
            attach(watch, to: instrument)
            rescope(watch)
        }
    }
}

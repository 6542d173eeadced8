import JSON
import MarketModel

extension Router {
    /// The rules that look at a book's instrument together with others, in the order of their names and then of their groups.
    func groupWatches(ofBook number: Int) -> [GroupWatch] { instruments[books[number].instrument].groupWatches }

    /// The book of an instrument that counts: of those that are known the one with the latest line; -1 if none is known.
    func currentBook(of instrument: Int) -> Int {
        var found = -1
        for book in instruments[instrument].books where books[book].isKnown {
            if found < 0 || books[book].mark.received > books[found].mark.received { found = book }
        }
        return found
    }

    /// Takes what an `instrument` line says.
    ///
    /// Gives whether it names another complement than it did.
    mutating func learn(_ news: InstrumentNews, ofBook number: Int) -> Bool {
        let instrument = books[number].instrument
        instruments[instrument].outcome = news.outcome?.string
        guard !groups.isEmpty else { return false }
        let earlier = instruments[instrument].facts
        instruments[instrument].facts.take(news)
        if let complement = instruments[instrument].facts.complement {
            namers[Link.End(venue: instruments[instrument].venue, instrument: complement)] = instrument
        }
        if earlier.complement != instruments[instrument].facts.complement { pairUp(instrument, earlier.complement) }
        pairUp(instrument, instruments[instrument].facts.complement)
        gather(instrument, earlier.event)
        let complement = instruments[instrument].facts.complement
        guard earlier.complement != complement else { return false }
        if groups.asksForSettlements {
            settle(instrument)
            for name in [earlier.complement, complement].compactMap(\.self) {
                if let other = instrumentNumber(venue: instruments[instrument].venue, instrument: name) { settle(other) }
            }
        }
        return earlier.complement != nil
    }

    /// A `market_status` of an instrument.
    mutating func setOpen(_ isOpen: Bool, ofBook number: Int) {
        instruments[books[number].instrument].facts.isOpen = isOpen
    }

    // MARK: Links

    /// Finds the links of an instrument that was just met.
    mutating func meetLinks(_ instrument: Int) {
        let slot = instruments[instrument]
        guard let ends = groups.linksByEnd[Link.End(venue: slot.venue, instrument: slot.instrument)] else { return }
        for entry in groups.entries where entry.source == .links {
            for (link, place) in ends {
                let key = GroupTable.LinkOfRule(rule: entry.rule, link: link)
                let watch = groups.linkWatches[key] ?? linkWatch(entry, link)
                groups.linkWatches[key] = watch
                watch.setMember(place, member(instrument, entry))
                attach(watch, to: instrument)
                rescope(watch)
            }
        }
    }

    private func linkWatch(_ entry: GroupTable.Entry, _ link: Int) -> GroupWatch {
        switch entry.task {
        case .baskets(let limits): BasketWatch(assignment(entry), limits, link: groups.links[link], rank: link)
        case .laggard(let strategy): LaggardWatch(assignment(entry), strategy, link: groups.links[link], rank: link)
        }
    }

    // MARK: Outcomes of one market

    /// Makes a pair of an instrument and the one that it names, or named, if both name each other; ends it if they no longer do.
    private mutating func pairUp(_ instrument: Int, _ complement: String?) {
        guard let complement, let other = instrumentNumber(venue: instruments[instrument].venue, instrument: complement),
            other != instrument
        else { return }
        let isPair = names(instrument, other) && names(other, instrument) && instruments[instrument].market == instruments[other].market
        let (first, second) = precedes(instrument, other) ? (instrument, other) : (other, instrument)
        for entry in groups.entries where entry.source == .complements {
            let key = GroupTable.Pair(rule: entry.rule, first: first, second: second)
            guard isPair || groups.pairs[key] != nil, let limits = entry.task.limits else { continue }
            let watch = groups.pairs[key] ?? BasketWatch(assignment(entry), limits)
            groups.pairs[key] = watch
            watch.setOutcomes(isPair ? [member(first, entry), member(second, entry)] : nil)
            attach(watch, to: first)
            attach(watch, to: second)
            rescope(watch)
        }
    }

    func names(_ instrument: Int, _ other: Int) -> Bool {
        instruments[instrument].facts.complement == instruments[other].instrument
    }

    // MARK: Outcomes of one event

    /// Looks again at the event of an instrument, and at the one that it was of before.
    private mutating func gather(_ instrument: Int, _ earlier: String?) {
        let venue = instruments[instrument].venue
        let event = instruments[instrument].facts.event
        if let earlier, earlier != event {
            groups.instrumentsByEvent[GroupTable.Event(venue: venue, event: earlier)]?.remove(instrument)
            gather(GroupTable.Event(venue: venue, event: earlier))
        }
        guard let event else { return }
        guard groups.entries.contains(where: { $0.count(of: event) != nil }) else { return }
        groups.instrumentsByEvent[GroupTable.Event(venue: venue, event: event), default: []].insert(instrument)
        gather(GroupTable.Event(venue: venue, event: event))
    }

    private mutating func gather(_ event: GroupTable.Event) {
        let all = groups.instrumentsByEvent[event] ?? []
        let outcomes = all.filter { instruments[$0].outcome == "Yes" }.sorted { precedes($0, $1) }
        // One that is not told to exclude the others may come true beside them, or leave room for one that is not listed.
        let areExclusive = all.allSatisfy { instruments[$0].facts.negRisk == NegativeRisk.standard.name.description }
        let areOfMarkets = Set(outcomes.map { instruments[$0].market }).count == outcomes.count
        for entry in groups.entries {
            guard let count = entry.count(of: event.event), let limits = entry.task.limits else { continue }
            let key = GroupTable.EventSet(rule: entry.rule, event: event)
            let watch = groups.sets[key] ?? BasketWatch(assignment(entry), limits)
            groups.sets[key] = watch
            guard outcomes.count == count && areExclusive && areOfMarkets else {
                watch.setOutcomes(nil)
                continue
            }
            for member in watch.members { detach(watch, from: member.instrument) }
            watch.setOutcomes(outcomes.map { member($0, entry) })
            for outcome in outcomes { attach(watch, to: outcome) }
            rescope(watch)
        }
    }

    // MARK: Watches

    /// Whether a rule concerns a group: one of its instruments is in the rule's scope.
    func rescope(_ watch: GroupWatch) {
        let scope = watch.assignment.rule.scope
        watch.isInScope = watch.members.contains { member in
            guard member.instrument >= 0 else { return false }
            let slot = instruments[member.instrument]
            return scope.coversLabel(slot.label)
                && scope.coversIdentity(venue: slot.venue, market: slot.market, instrument: slot.instrument)
        }
    }

    func assignment(_ entry: GroupTable.Entry) -> Assignment {
        Assignment(rules.rules[entry.rule], ruleIndex: entry.rule)
    }

    func member(_ instrument: Int, _ entry: GroupTable.Entry) -> GroupWatch.Member {
        GroupWatch.Member(instrument: instrument, rounding: entry.task.limits?.roundings[instruments[instrument].venue])
    }

    mutating func attach(_ watch: GroupWatch, to instrument: Int) {
        guard !instruments[instrument].groupWatches.contains(where: { $0 === watch }) else { return }
        instruments[instrument].groupWatches.append(watch)
        instruments[instrument].groupWatches.sort { ($0.assignment.ruleIndex, $0.rank) < ($1.assignment.ruleIndex, $1.rank) }
    }

    mutating func detach(_ watch: GroupWatch, from instrument: Int) {
        instruments[instrument].groupWatches.removeAll { $0 === watch }
    }

    /// Rising byte order of the instruments' ids.
    private func precedes(_ one: Int, _ other: Int) -> Bool {
        instruments[one].instrument.utf8.lexicographicallyPrecedes(instruments[other].instrument.utf8)
    }
}

extension GroupTable.Entry {
    /// How many outcomes the rule says that an event has; nil where it does not ask for it.
    fileprivate func count(of event: String) -> Int? {
        guard case .events(let events) = source else { return nil }
        return events[event]
    }
}

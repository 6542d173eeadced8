import MarketModel

/// Rules, links and reference data that change while the stream goes on.
extension Router {
    /// Takes rules of the same names and strategies; those that say another thing now begin anew, but for their cooldown and their ids.
    mutating func adopt(_ rules: RuleSet) {
        let changed = Set(rules.rules.indices.filter { rules.rules[$0].canonicalText != self.rules.rules[$0].canonicalText })
        self.rules = rules
        guard !changed.isEmpty else { return }
        plans = [:]
        groups.take(rules)
        for watch in groups.watches where changed.contains(watch.assignment.ruleIndex) {
            watch.assignment.rule = rules.rules[watch.assignment.ruleIndex]
            watch.takeTask((watch.assignment.rule.strategy as? any GroupStrategy)?.task)
        }
        for instrument in instruments.indices {
            guard instruments[instrument].assignments.contains(where: { changed.contains($0.ruleIndex) }) else { continue }
            for assignment in instruments[instrument].assignments where changed.contains(assignment.ruleIndex) {
                assignment.rule = rules.rules[assignment.ruleIndex]
            }
            renewWatches(of: instrument, changed)
        }
    }

    private mutating func renewWatches(of instrument: Int, _ changed: Set<Int>) {
        let reference = references[end(of: instrument)]
        let slot = instruments[instrument]
        instruments[instrument].tradeWatches = slot.assignments.compactMap { assignment in
            let old = slot.tradeWatches.first { $0.assignment === assignment }
            guard changed.contains(assignment.ruleIndex) else { return old }
            return tradeWatch(assignment, reference)
        }
        for book in slot.books { books[book].take(plan(of: slot.assignments), slot.assignments, reference, changed: changed) }
    }

    /// Takes what a database says of instruments.
    mutating func adopt(_ references: [Link.End: InstrumentReference]) {
        self.references = references
        for instrument in instruments.indices {
            let reference = references[end(of: instrument)]
            for watch in instruments[instrument].tradeWatches { watch.take(reference) }
            for book in instruments[instrument].books { books[book].take(reference) }
        }
    }

    /// Takes links in the place of those before. What is remembered of a link that stays, stays.
    mutating func adopt(_ links: LinkSet) {
        guard links.approved != groups.links else { return }
        var kept: [Int: [String: GroupWatch]] = [:]
        for (key, watch) in groups.linkWatches {
            for member in watch.members where member.instrument >= 0 { detach(watch, from: member.instrument) }
            kept[key.rule, default: [:]][groups.links[key.link].canonicalText] = watch
        }
        groups.take(links)
        for (rule, watches) in kept {
            var gone = watches
            for (index, link) in links.approved.enumerated() {
                guard let watch = gone.removeValue(forKey: link.canonicalText) else { continue }
                watch.rank = index
                groups.linkWatches[GroupTable.LinkOfRule(rule: rule, link: index)] = watch
            }
            // What it waits for must not come true any more.
            for watch in gone.values { watch.end() }
        }
        for instrument in instruments.indices {
            meetLinks(instrument)
            settle(instrument)
        }
    }

    func end(of instrument: Int) -> Link.End {
        Link.End(venue: instruments[instrument].venue, instrument: instruments[instrument].instrument)
    }

    /// How the rules of an instrument look at its books.
    mutating func plan(of assignments: [Assignment]) -> WatchPlan {
        let indices = assignments.map(\.ruleIndex)
        if let plan = plans[indices] { return plan }
        // Labels may come in any number of ways; books keep the plans that they have.
        if plans.count == Router.plansMax { plans = [:] }
        let plan = WatchPlan(assignments.map { ($0.ruleIndex, $0.rule.strategy) })
        plans[indices] = plan
        return plan
    }

    func tradeWatch(_ assignment: Assignment, _ reference: InstrumentReference?) -> (any TradeWatch)? {
        let watch = assignment.rule.strategy.makeTradeWatch(assignment)
        watch?.take(reference)
        return watch
    }
}

import JSON
import MarketModel
import UnixTool

/// Rules about several instruments.
extension DecideEngine {
    mutating func look(_ watch: GroupWatch, _ writer: inout LineWriter) throws {
        switch watch.survey(router, at: decoder.received) {
        case .nothing: return
        case .held:
            guard let link = watch.link else { return }
            let venue = try decoder.requireText(.venue)
            return try write(watch, .held, note: GroupNote.held(link), venue: venue, at: decoder.received, &writer)
        case .usable: break
        }
        if let watch = watch as? BasketWatch {
            try look(baskets: watch, &writer)
        } else if let watch = watch as? LaggardWatch {
            let news = watch.see(router, at: decoder.received)
            for (place, due) in news.begun { timers.add(.laggard(watch, moved: place), at: due) }
            guard explainer != nil else { return }
            for (place, move, isFollowed) in news.ended {
                let note = GroupNote.ended(move, of: place, isFollowed: isFollowed, at: decoder.received, watch, router)
                explainer?.tell(watch.assignment, on: try Trigger(decoder), note)
            }
        }
    }

    private mutating func look(baskets watch: BasketWatch, _ writer: inout LineWriter) throws {
        for index in watch.baskets.indices {
            switch watch.see(index, router, at: decoder.received) {
            case .nothing: continue
            case .found(let total): try decide(total, watch, watch.baskets[index], &writer)
            case .missed(let miss): try tell(miss, watch)
            }
        }
    }

    private mutating func decide(_ total: BasketTotal, _ watch: BasketWatch, _ basket: Basket, _ writer: inout LineWriter) throws {
        let note = GroupNote.found(total, watch.limits) + GroupNote.settlement(watch)
        let silence = watch.assignment.silenceMicros(at: decoder.received)
        guard silence == 0 else {
            explainer?.tell(
                watch.assignment, on: try Trigger(decoder), "\(note), but its cooldown has \(Durations.text(silence)) left")
            return
        }
        let venue = try decoder.requireText(.venue)
        try write(watch, .basket(basket, total), note: note, venue: venue, at: decoder.received, &writer)
        guard let desk, watch.assignment.rule.action == .trade else { return }
        let order = PaperOrder(watch, basket, total, decisionID: decisionLine.lastIDText, in: router)
        timers.add(.fill(order), at: decoder.received.advanced(byMicros: desk.latencyMicros))
    }

    private mutating func write(
        _ watch: GroupWatch, _ content: GroupContent, note: String, venue: JSONText, at received: Timestamp, _ writer: inout LineWriter
    ) throws {
        let ordinal = watch.assignment.decide(at: received)
        let start = writer.buffer.count
        decisionLine.write(watch, content, note: note, in: router, venue: venue, at: received, ordinal, to: &writer.buffer)
        try writer.endLine(from: start)
        decisions[watch.assignment.ruleIndex] += 1
    }

    /// A fee that cannot be used is told once an instrument, asked or not: it keeps a rule silent for ever.
    private mutating func tell(_ miss: GroupMiss, _ watch: BasketWatch) throws {
        if case .fee(let place, let fault) = miss, let logger, !router.instruments[watch.members[place].instrument].isFeeFaultTold {
            router.instruments[watch.members[place].instrument].isFeeFaultTold = true
            let (rule, name) = (watch.assignment.rule.name, GroupNote.name(place, watch, router))
            logger.warning("rule \(rule): no decision on \(name): \(fault.reason)")
        }
        guard explainer != nil else { return }
        explainer?.tell(watch.assignment, on: try Trigger(decoder), GroupNote.missed(miss, watch, router))
    }

    /// Takes what a share of an instrument pays: positions on paper end, and rules may look at what still trades away from it.
    mutating func settle(_ price: Price, _ writer: inout LineWriter) throws {
        let number = try router.book(of: decoder)
        let concerned = router.settle(price, ofBook: number)
        desk?.note(router.books[number].instrument)
        try desk?.settle(router.books[number].instrument, at: price, in: router, decoder.received, &writer)
        let teller = router.tellerName(router.books[number].instrument)
        let watches = concerned.flatMap { router.instruments[$0].groupWatches }
            .filter { ($0 as? BasketWatch)?.settlement?.teller == teller }.enumerated()
            .sorted { ($0.element.assignment.ruleIndex, $0.offset) < ($1.element.assignment.ruleIndex, $1.offset) }
        for (_, watch) in watches { try look(watch, &writer) }
    }

    // MARK: Time

    /// Does all that has become due before the line that was read, in the order of time.
    mutating func advance(_ writer: inout LineWriter) throws {
        // What stages say is no clock: their status tells of the real one.
        guard isCounted else { return }
        let now = decoder.received
        let nextMark = desk?.nextMark ?? Timestamp(micros: .max)
        guard now >= timers.next || nextMark.micros < .max else { return }
        while let (due, work) = timers.takeDue(by: now) {
            // A minute that comes with it comes behind it.
            let before = due.advanced(byMicros: -1)
            if let next = desk?.nextMark, next <= before { try desk?.mark(by: before, in: router, &writer) }
            try run(work, due: due, &writer)
        }
        guard let next = desk?.nextMark, next.micros < .max else { return }
        if next <= now {
            try desk?.mark(by: now, in: router, &writer)
        } else if next > now.advanced(byMicros: 2 * PaperDesk.markMicros) {
            desk?.restartMarks(at: now)
        }
    }

    private mutating func run(_ work: TimedWork, due: Timestamp, _ writer: inout LineWriter) throws {
        switch work {
        case .laggard(let watch, let moved): try tell(watch, moved: moved, at: due, &writer)
        case .fill(let order): try desk?.fill(order, in: router, at: due, &writer)
        }
    }

    private mutating func tell(_ watch: LaggardWatch, moved: Int, at due: Timestamp, _ writer: inout LineWriter) throws {
        guard let move = watch.take(moved, due: due, router), let quote = LaggardQuote(watch, movedPlace: moved, move, in: router) else {
            return
        }
        let note = GroupNote.stale(move, quote, watch, router)
        let silence = watch.assignment.silenceMicros(at: due)
        guard silence == 0 else {
            let slot = router.instruments[watch.members[quote.place].instrument]
            explainer?.tell(
                watch.assignment, at: slot.label ?? slot.instrument, due, "\(note), but its cooldown has \(Durations.text(silence)) left")
            return
        }
        var venue = router.instruments[watch.members[quote.place].instrument].venue
        try venue.withUTF8 { bytes in
            try write(watch, .laggard(quote), note: note, venue: JSONText(bytes), at: due, &writer)
        }
    }

    /// Orders that are still under way find no market any more.
    mutating func dropOrders(_ writer: inout LineWriter) throws {
        let last = clock
        while let (_, work) = timers.takeDue(by: Timestamp(micros: .max)) {
            if case .fill(let order) = work { try desk?.drop(order, in: router, at: last, &writer) }
        }
    }
}

/// What is done when its time has come.
enum TimedWork {
    case fill(PaperOrder)
    case laggard(LaggardWatch, moved: Int)
}

import FeedSession
import MarketModel

/// Snapshots and deltas. Source: venues dossier §3.1, §3.2 and §4.
extension KalshiMapper {
    /// The whole book of one market: replaces everything, whatever was there.
    ///
    /// - Parameter id: of the command that it answers; such a snapshot of a known book is an audit.
    func take(_ snapshot: KalshiSnapshot, id: Int64?, _ scratch: inout KalshiScratch, _ arrival: KalshiArrival) throws {
        let market = registry.market(snapshot.ticker)
        guard try settlePriceMode(scratch.no, market, arrival) else { return }
        let isDone =
            market.isOrdered(beside: arrival.conn)
            ? try takeCopy(market, id: id, &scratch, arrival) : try takeWhole(market, id: id, &scratch, arrival)
        guard isDone else { return try refuse(.orderbookSnapshot, .wrong("a price that stands twice"), snapshot.ticker, arrival) }
        arrival.sid.add(market)
        market.noteSnapshot(on: arrival.conn)
        news?.note(.book(ticker: market.instrument.id, id: id, conn: arrival.conn))
        try noteProgress(market, arrival)
    }

    /// The book of a market that no other connection carries, or whose book is unknown. False if it is no book.
    private func takeWhole(
        _ market: KalshiMarket, id: Int64?, _ scratch: inout KalshiScratch, _ arrival: KalshiArrival
    ) throws -> Bool {
        let instrument = market.instrument
        let wasKnown = market.isKnown(on: arrival.conn)
        var book = instrument.book
        let before = id != nil && wasKnown ? book : nil
        instrument.book = OrderBook()
        let isWhole = KalshiLadder(usesYesPrice: arrival.sid.priceMode.usesYesPrice).replace(&book, yes: scratch.yes, no: &scratch.no)
        if !isWhole, wasKnown { book.markKnown() }
        instrument.book = book
        guard isWhole else { return false }
        if let before, try noteAudit(market, isAgreed: before == instrument.book, arrival) {
            market.begin(arrival.conn, sid: arrival.sid.number, at: arrival.time)
            return true
        }
        try begin(market, wasKnown && before == nil ? .refresh : .resync, arrival)
        return true
    }

    /// The book begins anew, and is told.
    private func begin(_ market: KalshiMarket, _ reason: FeedOutput.SnapshotReason, _ arrival: KalshiArrival) throws {
        market.begin(arrival.conn, sid: arrival.sid.number, at: arrival.time)
        market.instrument.agreed = arrival.time
        try output.snapshot(
            market.instrument, reason: market.hadSnapshot(on: arrival.conn) ? reason : .initial, received: arrival.time, venueTime: nil,
            isVerified: false)
    }

    /// The whole book of a market that another connection carries, or did while this one was behind it. False if it is no book.
    private func takeCopy(
        _ market: KalshiMarket, id: Int64?, _ scratch: inout KalshiScratch, _ arrival: KalshiArrival
    ) throws -> Bool {
        let (conn, sid) = (arrival.conn, arrival.sid.number)
        var copy = OrderBook()
        guard KalshiLadder(usesYesPrice: arrival.sid.priceMode.usesYesPrice).replace(&copy, yes: scratch.yes, no: &scratch.no) else {
            return false
        }
        let state = KalshiCopies.state(copy)
        let wasCarried = market.isCarried(by: conn, sid: sid)
        let wasAtHead = wasCarried && market.isAtHead(conn)
        let agrees = wasCarried ? market.copies?.agrees(state, conn: conn) : nil
        output.counters.count("copies")
        // Where no other carries the book on, there is nobody to have what is missing.
        if wasAtHead || market.carriers.allSatisfy({ $0.conn == conn }), agrees == false {
            market.instrument.book = copy
            if id != nil { _ = try noteAudit(market, isAgreed: false, arrival) }
            try begin(market, id == nil ? .refresh : .resync, arrival)
            return true
        }
        if wasAtHead, id != nil {
            _ = try noteAudit(market, isAgreed: true, arrival)
        } else if agrees == false {
            // It has not said all that it should have: changes are kept from it, and the others have them.
            output.counters.add("audit_disagreements")
            news?.note(.disagreement(ticker: market.instrument.id, conn: conn))
        }
        if agrees != true { market.join(conn, sid: sid, copy, state: state, opened: arrival.connection.opened, at: arrival.time) }
        return true
    }

    /// Holds a known book against the venue's word at the same place of the sequence: a difference means that changes were kept from us.
    /// Gives whether they agree.
    private func noteAudit(_ market: KalshiMarket, isAgreed: Bool, _ arrival: KalshiArrival) throws -> Bool {
        output.counters.add("audits")
        if isAgreed {
            market.instrument.agreed = arrival.time
            return true
        }
        output.counters.add("audit_disagreements")
        news?.note(.disagreement(ticker: market.instrument.id, conn: arrival.conn))
        try breaks.tellDisagreement(market, "the venue's whole book is another", arrival)
        return false
    }

    /// `live`: when the last book that was asked for has come, and when the last that a break took has come again.
    private func noteProgress(_ market: KalshiMarket, _ arrival: KalshiArrival) throws {
        let connection = arrival.connection
        let hasRecovered = connection.noteSnapshot(market)
        guard connection.isLive ? hasRecovered : connection.isComplete else { return }
        connection.isLive = true
        try output.status(FeedStatus(.live, conn: arrival.conn), at: arrival.time)
    }

    /// Finds out in which prices the NO ladder comes, where nobody has said it. False if the snapshot contradicts what was said.
    private func settlePriceMode(_ no: [Level], _ market: KalshiMarket, _ arrival: KalshiArrival) throws -> Bool {
        guard let shown = KalshiLadder.usesYesPrice(inOrderOf: no) else { return true }
        let sid = arrival.sid
        if sid.priceMode == .assumed {
            sid.priceMode = .shown(usesYesPrice: shown)
            output.logger.debug("sid \(sid.number) sends NO prices \(shown ? "as YES prices" : "as its own"), by the order of a snapshot")
            if shown { try breaks.loseAsks(of: sid, arrival) }
            return true
        }
        guard shown != sid.priceMode.usesYesPrice else { return true }
        try output.drift("the order of a NO ladder contradicts use_yes_price", conn: arrival.conn, at: arrival.time)
        try output.reject(
            arrival.frame.bytes, counter: "price_mode", message: "orderbook_snapshot: its NO ladder contradicts use_yes_price",
            at: arrival.time)
        try breaks.lose(market, "NO ladder contradicts use_yes_price", arrival)
        return false
    }

    /// A signed change of one level.
    func take(_ delta: KalshiDelta, _ arrival: KalshiArrival) throws {
        guard let market = registry.find(delta.ticker, delta.market), market.hadSnapshot(on: arrival.conn) else {
            output.counters.add("delta_without_snapshot")
            return try breaks.tellStray(registry.market(delta.ticker), arrival)
        }
        let instrument = market.instrument
        guard instrument.book.isKnown, let carrier = market.carrierIndex(arrival.conn) else {
            return output.counters.add("delta_of_unknown_book")
        }
        guard market.carriers[carrier].sid == arrival.sid.number else {
            output.counters.add("delta_of_other_sid")
            return try breaks.lose(market, "delta of another subscription", arrival)
        }
        market.noteWord(carrier, at: arrival.time)
        if hasCopies { market.keepOrder() }
        let ladder = KalshiLadder(usesYesPrice: arrival.sid.priceMode.usesYesPrice)
        guard market.followOwn(carrier, delta, ladder) else {
            try rejectNegative(arrival)
            return try breaks.lose(market, "negative size", arrival)
        }
        let key = market.copies == nil ? 0 : delta.key
        guard try isNews(key, delta.time, market, arrival) else {
            if let carrier = market.carrierIndex(arrival.conn) { market.settle(carrier) }
            return
        }
        guard let (side, before, level) = ladder.apply(delta, to: &instrument.book) else {
            try rejectNegative(arrival)
            return try breaks.loseEverywhere(market, "negative size", arrival)
        }
        market.noteNews(key, delta.time, from: arrival.conn, side, before: before, after: level, at: arrival.time)
        market.settle(carrier)
        try output.delta(instrument, side, level, received: arrival.time, venueTime: delta.time, isVerified: false)
    }

    private func rejectNegative(_ arrival: KalshiArrival) throws {
        try output.reject(
            arrival.frame.bytes, counter: "negative_size", message: "orderbook_delta: less than nothing would be left", at: arrival.time)
    }

    /// Whether a change is none that another connection has brought.
    @inline(__always)
    private func isNews(_ key: UInt64, _ time: Timestamp?, _ market: KalshiMarket, _ arrival: KalshiArrival) throws -> Bool {
        if market.copies == nil, market.carriers.count == 1 { return true }
        let verdict = market.judge(key, time, from: arrival.conn)
        if !hasCopies { market.forgetOrder() }
        switch verdict {
        case .news: return true
        case .copy: output.counters.count("copies")
        case .unplaced:
            output.counters.add("copies_out_of_order")
            try keepCarrier(of: market, arrival)
        case .torn:
            output.counters.add("torn_copies")
            try breaks.lose(market, "two connections contradict each other", arrival)
        }
        return false
    }

    /// A connection has turned out to be elsewhere than it was taken to be. If the book stood on it, and no other carries the book on, what
    /// was told since is not to be trusted, and the connection's own book is. One that has long come further than all others is not waited for.
    private func keepCarrier(of market: KalshiMarket, _ arrival: KalshiArrival) throws {
        if market.isFarAhead(arrival.conn), let own = market.own(of: arrival.conn) {
            output.counters.add("carriers_overtaken")
            market.instrument.book = own
            return try begin(market, .refresh, arrival)
        }
        guard market.instrument.conn == arrival.conn, !market.handOver(from: arrival.conn) else { return }
        guard let own = market.own(of: arrival.conn) else {
            return try breaks.loseEverywhere(market, "two connections contradict each other", arrival)
        }
        try breaks.tellDisagreement(market, "two connections contradict each other", arrival)
        market.instrument.book = own
        try begin(market, .resync, arrival)
    }
}

extension KalshiDelta {
    /// A number over all that it says.
    fileprivate var key: UInt64 {
        var key = MessageKey()
        key.add(UInt64(leg.rawValue))
        key.add(UInt64(bitPattern: price.millionths))
        key.add(UInt64(bitPattern: change))
        key.add(UInt64(bitPattern: time?.micros ?? 0))
        return key.value
    }
}

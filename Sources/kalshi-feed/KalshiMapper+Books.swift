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
        let instrument = market.instrument
        let wasKnown = market.isKnown(on: arrival.conn)
        let ladder = KalshiLadder(usesYesPrice: arrival.sid.priceMode.usesYesPrice)
        var book = instrument.book
        let before = id != nil && wasKnown ? book : nil
        instrument.book = OrderBook()
        let isWhole = ladder.replace(&book, yes: scratch.yes, no: &scratch.no)
        if !isWhole, wasKnown { book.markKnown() }
        instrument.book = book
        guard isWhole else { return try refuse(.orderbookSnapshot, .wrong("a price that stands twice"), snapshot.ticker, arrival) }
        var isAgreed = false
        if let before {
            isAgreed = before == instrument.book
            try noteAudit(market, isAgreed: isAgreed, arrival)
        }
        let reason: FeedOutput.SnapshotReason =
            market.snapshotConn != arrival.conn ? .initial : wasKnown && before == nil ? .refresh : .resync
        arrival.sid.add(market)
        market.sid = arrival.sid.number
        market.snapshotConn = arrival.conn
        instrument.conn = arrival.conn
        instrument.agreed = arrival.time
        market.lastWord = arrival.time
        if !isAgreed {
            try output.snapshot(instrument, reason: reason, received: arrival.time, venueTime: nil, isVerified: false)
        }
        news?.note(.book(ticker: instrument.id, id: id, conn: arrival.conn))
        try noteProgress(market, arrival)
    }

    /// Holds a known book against the venue's word at the same place of the sequence: a difference means that changes were kept from us.
    private func noteAudit(_ market: KalshiMarket, isAgreed: Bool, _ arrival: KalshiArrival) throws {
        output.counters.add("audits")
        guard !isAgreed else { return }
        output.counters.add("audit_disagreements")
        news?.note(.disagreement(ticker: market.instrument.id, conn: arrival.conn))
        try breaks.tellDisagreement(market, arrival)
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
        guard let market = registry.find(delta.ticker), market.snapshotConn == arrival.conn, market.instrument.conn == arrival.conn
        else {
            output.counters.add("delta_without_snapshot")
            return try breaks.tellStray(registry.market(delta.ticker), arrival)
        }
        let instrument = market.instrument
        guard instrument.book.isKnown else { return output.counters.add("delta_of_unknown_book") }
        guard market.sid == arrival.sid.number else {
            output.counters.add("delta_of_other_sid")
            return try breaks.lose(market, "delta of another subscription", arrival)
        }
        let ladder = KalshiLadder(usesYesPrice: arrival.sid.priceMode.usesYesPrice)
        guard let (side, level) = ladder.apply(delta, to: &instrument.book) else {
            try output.reject(
                arrival.frame.bytes, counter: "negative_size", message: "orderbook_delta: less than nothing would be left",
                at: arrival.time)
            return try breaks.lose(market, "negative size", arrival)
        }
        market.lastWord = arrival.time
        oneLevel[0] = level
        try output.delta(
            instrument, bids: side == .bid ? oneLevel : [], asks: side == .ask ? oneLevel : [], received: arrival.time,
            venueTime: delta.time, isVerified: false)
    }
}

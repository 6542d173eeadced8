import FeedSession
import JSON
import MarketModel

/// `new_market` and `market_resolved`: news of markets, sent to every connection, again and again.
final class PolymarketAnnouncer {
    /// So many announcements are remembered; the venue repeats one within a minute, not after a hundred thousand others.
    private static let rememberedMax = 100_000

    private let output: FeedOutput
    private let registry: PolymarketRegistry
    private var announced: Set<String> = []
    /// Winners that were told, by market, and whether REST has said the same.
    private var resolved: [String: (winner: String, isConfirmed: Bool)] = [:]
    /// Tokens of markets that were announced, and markets that were called resolved, for whoever subscribes; each once.
    private var freshMarkets: [(market: String, tokens: [String])] = []
    private var freshResolutions: [(market: String, tokens: [String])] = []

    init(_ output: FeedOutput, _ registry: PolymarketRegistry) {
        self.output = output
        self.registry = registry
    }

    // MARK: new_market

    func takeNewMarket(_ message: borrowing PolymarketMessage, at time: Timestamp) throws {
        guard let id = message.id else { throw PolymarketFault.missing("id") }
        guard let market = message.conditionID ?? message.market else { throw PolymarketFault.missing("market") }
        guard let tokenList = message.clobTokenIDs ?? message.assetsIDs else { throw PolymarketFault.missing("clob_token_ids") }
        guard let outcomeList = message.outcomes else { throw PolymarketFault.missing("outcomes") }
        if let fault = message.fault { throw fault }
        let tokens = try PolymarketList.tokens(tokenList, "clob_token_ids")
        let outcomes = try PolymarketList.strings(outcomeList, "outcomes")
        guard tokens.count == outcomes.count, !tokens.isEmpty else { throw PolymarketFault.wrong("outcomes") }
        let fee = try fee(message)
        let tick = try message.tickSizeMin.map { try PolymarketDecimal.price($0, "order_price_min_tick_size") }
        let event = try message.eventMessage.map { try PolymarketList.member("slug", of: $0) } ?? nil
        output.counters.add("frames_new_market")
        guard PolymarketAnnouncer.remember(id.string, in: &announced) else { return output.counters.add("repeated_new_market") }
        note(market.string, tokens, in: &freshMarkets)
        for (book, outcome) in zip(try registry.books(tokens, market: market, at: time), outcomes) {
            book.instrument.facts.outcome = outcome
            book.instrument.facts.question = message.question?.string
            book.instrument.facts.slug = message.slug?.string
            book.instrument.facts.event = event
            book.instrument.facts.state = message.isActive.map { $0 ? .open : .unopened }
            book.instrument.facts.tickSize = tick ?? book.instrument.facts.tickSize
            book.instrument.facts.fee = fee
            try registry.factsChanged(book, at: time)
            try output.announce(book.instrument, at: time)
        }
    }

    /// The parameters in force, from `fee_schedule`; the base fees beside it are caps (dossier §4.5).
    private func fee(_ message: borrowing PolymarketMessage) throws -> Fee {
        guard let hasFees = message.hasFees else { return Fee(.unknown) }
        guard hasFees else { return Fee(.free) }
        guard let schedule = message.feeSchedule else { return Fee(.unknown) }
        return try PolymarketFeeSchedule.read(schedule, rate: "rate", exponent: "exponent")
    }

    /// Whether it is news.
    private static func remember(_ name: String, in names: inout Set<String>) -> Bool {
        if names.count >= rememberedMax { names.removeAll() }
        return names.insert(name).inserted
    }

    // MARK: market_resolved

    func takeResolution(_ message: borrowing PolymarketMessage, conn: Int64, at time: Timestamp) throws {
        guard let market = message.market else { throw PolymarketFault.missing("market") }
        guard let winner = message.winningAssetID else { throw PolymarketFault.missing("winning_asset_id") }
        guard let tokenList = message.assetsIDs else { throw PolymarketFault.missing("assets_ids") }
        if let fault = message.fault { throw fault }
        let venueTime = try PolymarketDecimal.timestamp(message.timestamp)
        let tokens = try PolymarketList.tokens(tokenList, "assets_ids")
        let winning = winner.string
        guard tokens.contains(winning) else { throw PolymarketFault.wrong("winning_asset_id") }
        output.counters.add("frames_market_resolved")
        guard resolved[market.string]?.winner != winning else { return output.counters.add("repeated_market_resolved") }
        note(market.string, tokens, in: &freshResolutions)
        try tell(market, tokens, winning, state: .determined, reason: "market_resolved", conn, venueTime, at: time)
        resolved[market.string] = (winning, false)
    }

    /// REST says who has won: a second word on what the socket said, or the first where it said nothing.
    func confirm(market: JSONText, _ outcome: PolymarketClobMarket, at time: Timestamp) throws {
        guard let winner = outcome.winner else { return }
        let told = resolved[market.string]
        if let told, told.winner == winner, told.isConfirmed { return }
        if let told, told.winner != winner {
            output.counters.add("contradicted_resolutions")
            try output.drift("REST contradicts the winner of \(market.string) that was told before", conn: nil, at: time)
        }
        if told?.winner == winner {
            for book in try registry.books(outcome.tokens, market: market, at: time) {
                book.instrument.facts.state = .settled
                try output.marketStatus(
                    book.instrument, .settled, reason: "confirmed by REST", conn: nil, received: time, venueTime: nil)
            }
        } else {
            try tell(market, outcome.tokens, winner, state: .settled, reason: "told by REST", nil, nil, at: time)
        }
        resolved[market.string] = (winner, true)
    }

    /// Who has won, for each outcome of a market.
    private func tell(
        _ market: JSONText, _ tokens: [String], _ winning: String, state: MarketState, reason: StaticString, _ conn: Int64?,
        _ venueTime: Timestamp?, at time: Timestamp
    ) throws {
        if resolved.count >= PolymarketAnnouncer.rememberedMax { resolved.removeAll() }
        for book in try registry.books(tokens, market: market, at: time) {
            let instrument = book.instrument
            let hasWon = instrument.id == winning
            instrument.facts.state = state
            try output.marketStatus(instrument, state, reason: reason, conn: conn, received: time, venueTime: venueTime)
            try output.resolution(
                instrument, settlementPrice: hasWon ? .one : .zero, hasWon: hasWon, conn: conn, received: time,
                venueTime: venueTime)
        }
    }

    // MARK: For whoever subscribes

    /// A replay has nobody who takes these.
    private static let freshMax = 10_000

    private func note(_ market: String, _ tokens: [String], in list: inout [(market: String, tokens: [String])]) {
        if list.count < PolymarketAnnouncer.freshMax { list.append((market, tokens)) }
    }

    var hasNews: Bool { !freshMarkets.isEmpty || !freshResolutions.isEmpty }

    /// Markets that were announced since the last call.
    func takeFreshMarkets() -> [(market: String, tokens: [String])] {
        guard !freshMarkets.isEmpty else { return [] }
        defer { freshMarkets.removeAll() }
        return freshMarkets
    }

    /// Markets that were called resolved since the last call.
    func takeFreshResolutions() -> [(market: String, tokens: [String])] {
        guard !freshResolutions.isEmpty else { return [] }
        defer { freshResolutions.removeAll() }
        return freshResolutions
    }
}

extension String {
    /// The string as text of a scanner, for the time of the call.
    func withText<Result>(_ body: (JSONText) throws -> Result) rethrows -> Result {
        var copy = self
        return try copy.withUTF8 { bytes in
            guard let base = bytes.baseAddress else { return try body(JSONText(base: ("" as StaticString).utf8Start, count: 0)) }
            return try body(JSONText(base: base, count: bytes.count))
        }
    }
}

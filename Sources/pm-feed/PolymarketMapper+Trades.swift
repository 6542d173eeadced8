import FeedSession
import JSON
import MarketModel

/// Trades, quotes and tick sizes: what is no book.
extension PolymarketMapper {
    func mapTrade(_ message: borrowing PolymarketMessage, _ conn: Int64, _ time: Timestamp) throws {
        try take(try PolymarketPrint(message), from: message.base, conn, time)
    }

    /// Takes a print.
    ///
    /// - Parameter base: Where its frame begins.
    func take(_ print: PolymarketPrint, from base: UnsafePointer<UInt8>, _ conn: Int64, _ time: Timestamp) throws {
        output.counters.count("frames_last_trade_price")
        let book = try registry.book(print.token, print.assetID, market: print.market, from: base, at: time).takeUnretainedValue()
        guard isNews(book, print.key, hasTransaction: print.transaction.isTold, conn) else { return output.counters.count("copies") }
        book.hashInputs.noteTrade(PolymarketHashInputs.spelling(print.price))
        registry.complement(of: book)?.hashInputs.noteNearbyTrade(PolymarketHashInputs.spelling(print.price.complement))
        try output.trade(
            book.instrument,
            Trade(
                price: print.price, size: print.size, aggressor: print.isBuy ? .buy : .sell, transaction: print.transaction.text(from: base)
            ),
            conn: conn, received: time, venueTime: print.venueTime)
    }

    /// Whether a print was not told yet. One transaction does not print the same twice (dossier §2.3); without one nothing tells two apart.
    private func isNews(_ book: PolymarketBook, _ key: UInt64, hasTransaction: Bool, _ conn: Int64) -> Bool {
        hasTransaction ? book.newsRing.takeAlone(key, from: conn) : book.printRing.takeAlone(key, from: conn)
    }

    func mapQuote(_ message: borrowing PolymarketMessage, _ conn: Int64, _ time: Timestamp) throws {
        try take(try PolymarketTops(message), from: message.base, conn, time)
    }

    /// Takes a best bid and ask.
    ///
    /// - Parameter base: Where its frame begins.
    func take(_ tops: PolymarketTops, from base: UnsafePointer<UInt8>, _ conn: Int64, _ time: Timestamp) throws {
        output.counters.count("frames_best_bid_ask")
        let book = try registry.book(tops.token, tops.assetID, market: tops.market, from: base, at: time).takeUnretainedValue()
        guard book.newsRing.takeAlone(tops.key, from: conn) else { return output.counters.count("copies") }
        let (bid, ask) = (tops.bid.price.map { Quote(price: $0, size: nil) }, tops.ask.price.map { Quote(price: $0, size: nil) })
        try output.quote(book.instrument, bid: bid, ask: ask, conn: conn, received: time, venueTime: tops.venueTime)
    }

    func mapTickSize(_ message: borrowing PolymarketMessage, _ conn: Int64, _ time: Timestamp) throws {
        guard let assetID = message.assetID else { throw PolymarketFault.missing("asset_id") }
        guard let market = message.market else { throw PolymarketFault.missing("market") }
        guard let text = message.newTickSize else { throw PolymarketFault.missing("new_tick_size") }
        if let fault = message.fault { throw fault }
        let tick = try PolymarketDecimal.price(text, "new_tick_size")
        guard tick > .zero else { throw PolymarketFault.outOfRange("new_tick_size") }
        output.counters.add("frames_tick_size_change")
        let book = try registry.book(assetID, market: market, at: time)
        book.hashInputs.tickSize = text.string
        book.instrument.facts.tickSize = tick
        try output.announce(book.instrument, at: time)
    }
}

import FeedSession
import JSON
import MarketModel

/// Trades, quotes and tick sizes: what is no book.
extension PolymarketMapper {
    func mapTrade(_ message: borrowing PolymarketMessage, _ conn: Int64, _ time: Timestamp) throws {
        guard let assetID = message.assetID else { throw PolymarketFault.missing("asset_id") }
        guard let market = message.market else { throw PolymarketFault.missing("market") }
        guard let priceText = message.price else { throw PolymarketFault.missing("price") }
        guard let sizeText = message.size else { throw PolymarketFault.missing("size") }
        guard let side = message.side else { throw PolymarketFault.missing("side") }
        if let fault = message.fault { throw fault }
        let isBuy = side.isEqual(to: "BUY")
        guard isBuy || side.isEqual(to: "SELL") else { throw PolymarketFault.wrong("side") }
        let price = try PolymarketDecimal.price(priceText, "price")
        let size = try PolymarketDecimal.size(sizeText, "size")
        guard size > .zero else { throw PolymarketFault.outOfRange("size") }
        let venueTime = try PolymarketDecimal.timestamp(message.timestamp)
        output.counters.count("frames_last_trade_price")
        let transaction = message.transactionHash.flatMap { $0.isEmpty ? nil : $0 }
        let book = try registry.book(assetID, market: market, at: time)
        var key = MessageKey()
        key.add(priceText)
        key.add(sizeText)
        key.add(side)
        key.add(message.timestamp)
        key.add(message.transactionHash)
        guard isNews(book, key.value, hasTransaction: transaction != nil, conn) else { return output.counters.count("copies") }
        book.hashInputs.noteTrade(PolymarketHashInputs.spelling(price))
        registry.complement(of: book)?.hashInputs.noteNearbyTrade(PolymarketHashInputs.spelling(price.complement))
        try output.trade(
            book.instrument, Trade(price: price, size: size, aggressor: isBuy ? .buy : .sell, transaction: transaction),
            conn: conn, received: time, venueTime: venueTime)
    }

    /// Whether a print was not told yet. One transaction does not print the same twice (dossier §2.3); without one nothing tells two apart.
    private func isNews(_ book: PolymarketBook, _ key: UInt64, hasTransaction: Bool, _ conn: Int64) -> Bool {
        hasTransaction ? book.newsRing.takeAlone(key, from: conn) : book.printRing.takeAlone(key, from: conn)
    }

    func mapQuote(_ message: borrowing PolymarketMessage, _ conn: Int64, _ time: Timestamp) throws {
        guard let assetID = message.assetID else { throw PolymarketFault.missing("asset_id") }
        guard let market = message.market else { throw PolymarketFault.missing("market") }
        guard let bidText = message.bestBid else { throw PolymarketFault.missing("best_bid") }
        guard let askText = message.bestAsk else { throw PolymarketFault.missing("best_ask") }
        if let fault = message.fault { throw fault }
        let bid = try PolymarketMapper.quote(bidText, "best_bid")
        let ask = try PolymarketMapper.quote(askText, "best_ask")
        let venueTime = try PolymarketDecimal.timestamp(message.timestamp)
        output.counters.count("frames_best_bid_ask")
        let book = try registry.book(assetID, market: market, at: time)
        var key = MessageKey()
        key.add(bidText)
        key.add(askText)
        key.add(message.timestamp)
        guard book.newsRing.takeAlone(key.value, from: conn) else { return output.counters.count("copies") }
        try output.quote(book.instrument, bid: bid, ask: ask, conn: conn, received: time, venueTime: venueTime)
    }

    /// `""`, `0` and `1` are how the venue says that a side is empty: no order can rest at them.
    private static func quote(_ text: JSONText, _ field: StaticString) throws(PolymarketFault) -> Quote? {
        if text.isEmpty { return nil }
        let price = try PolymarketDecimal.price(text, field)
        return price == .zero || price == .one ? nil : Quote(price: price, size: nil)
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

import FeedSession
import JSON
import MarketModel

/// A `last_trade_price` of which everything can be used. Texts are places in its frame.
struct PolymarketPrint {
    let assetID: JSONSpan
    let market: JSONSpan
    /// Untold where it is empty, too.
    let transaction: JSONSpan
    let price: Price
    let size: Size
    let venueTime: Timestamp
    /// Over all that it says.
    let key: UInt64
    /// The token's number with whoever read the frame ahead, from 1 up; 0 where it has none.
    var token: UInt32 = 0
    let isBuy: Bool

    init(_ message: borrowing PolymarketMessage) throws(PolymarketFault) {
        guard message.assetID != nil else { throw .missing("asset_id") }
        guard message.market != nil else { throw .missing("market") }
        guard let priceText = message.price else { throw .missing("price") }
        guard let sizeText = message.size else { throw .missing("size") }
        guard let side = message.side else { throw .missing("side") }
        if let fault = message.fault { throw fault }
        isBuy = side.isEqual(to: "BUY")
        guard isBuy || side.isEqual(to: "SELL") else { throw .wrong("side") }
        price = try PolymarketDecimal.price(priceText, "price")
        size = try PolymarketDecimal.size(sizeText, "size")
        guard size > .zero else { throw .outOfRange("size") }
        venueTime = try PolymarketDecimal.timestamp(message.timestamp)
        assetID = JSONSpan(message.assetID, from: message.base)
        market = JSONSpan(message.market, from: message.base)
        transaction = JSONSpan(message.transactionHash.flatMap { $0.isEmpty ? nil : $0 }, from: message.base)
        var key = MessageKey()
        key.add(priceText)
        key.add(sizeText)
        key.add(side)
        key.add(message.timestamp)
        key.add(message.transactionHash)
        self.key = key.value
    }
}

/// A `best_bid_ask` of which everything can be used. Texts are places in its frame.
struct PolymarketTops {
    let assetID: JSONSpan
    let market: JSONSpan
    let bid: PolymarketTop
    let ask: PolymarketTop
    let venueTime: Timestamp
    /// Over all that it says.
    let key: UInt64
    /// The token's number with whoever read the frame ahead, from 1 up; 0 where it has none.
    var token: UInt32 = 0

    init(_ message: borrowing PolymarketMessage) throws(PolymarketFault) {
        guard message.assetID != nil else { throw .missing("asset_id") }
        guard message.market != nil else { throw .missing("market") }
        guard let bidText = message.bestBid else { throw .missing("best_bid") }
        guard let askText = message.bestAsk else { throw .missing("best_ask") }
        if let fault = message.fault { throw fault }
        bid = try PolymarketTops.top(bidText, "best_bid")
        ask = try PolymarketTops.top(askText, "best_ask")
        venueTime = try PolymarketDecimal.timestamp(message.timestamp)
        assetID = JSONSpan(message.assetID, from: message.base)
        market = JSONSpan(message.market, from: message.base)
        var key = MessageKey()
        key.add(bidText)
        key.add(askText)
        key.add(message.timestamp)
        self.key = key.value
    }

    /// `""`, `0` and `1` are how the venue says that a side is empty: no order can rest at them.
    private static func top(_ text: JSONText, _ field: StaticString) throws(PolymarketFault) -> PolymarketTop {
        if text.isEmpty { return PolymarketTop(nil as Price?) }
        let price = try PolymarketDecimal.price(text, field)
        return PolymarketTop(price == .zero || price == .one ? nil : price)
    }
}

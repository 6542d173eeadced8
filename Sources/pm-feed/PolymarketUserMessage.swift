import JSON
import MarketModel

/// A mirror of one `order` or `trade` of the user channel, or of one trade of `GET /data/trades`. Texts point into the frame.
///
/// Source: venues dossier §3.1. A text that is empty counts as not told.
struct PolymarketUserMessage {
    /// One entry of `maker_orders`.
    struct MakerOrder {
        var orderID: JSONText?
        var owner: JSONText?
        var assetID: JSONText?
        var side: JSONText?
        var price: JSONText?
        var matchedAmount: JSONText?
        var fault: PolymarketFault?
    }

    var eventType: JSONText?
    var type: JSONText?
    var id: JSONText?
    var market: JSONText?
    var assetID: JSONText?
    var side: JSONText?
    var price: JSONText?
    var size: JSONText?
    var originalSize: JSONText?
    var sizeMatched: JSONText?
    var status: JSONText?
    var orderType: JSONText?
    var takerOrderID: JSONText?
    var traderSide: JSONText?
    var transactionHash: JSONText?
    var timestamp: JSONText?
    var lastUpdate: JSONText?
    var matchTime: JSONText?
    var makerOrders: [MakerOrder] = []
    /// The first value that is not what it should be.
    var fault: PolymarketFault?
    /// Keys that were never seen before, the first few.
    var unknownKeys: [JSONText] = []

    init(_ scanner: inout JSONScanner) throws(JSONError) {
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "maker_orders") {
                try readMakerOrders(&scanner)
            } else if let field = PolymarketUserMessage.field(key) {
                self[keyPath: field] = try scanner.wireText("a field of the user channel", &fault)?.unlessEmpty
            } else {
                if !PolymarketUserMessage.isUnused(key) { PolymarketMessage.note(key, in: &unknownKeys) }
                try scanner.skipValue()
            }
        }
    }

    private static func field(_ key: JSONText) -> WritableKeyPath<PolymarketUserMessage, JSONText?>? {
        let fields: [(StaticString, WritableKeyPath<PolymarketUserMessage, JSONText?>)] = [
            ("event_type", \.eventType), ("type", \.type), ("id", \.id), ("market", \.market), ("asset_id", \.assetID), ("side", \.side),
            ("price", \.price), ("size", \.size), ("original_size", \.originalSize), ("size_matched", \.sizeMatched), ("status", \.status),
            ("order_type", \.orderType), ("taker_order_id", \.takerOrderID), ("trader_side", \.traderSide),
            ("transaction_hash", \.transactionHash), ("timestamp", \.timestamp), ("last_update", \.lastUpdate),
            ("match_time", \.matchTime), ("matchtime", \.matchTime),
        ]
        return fields.first { key.isEqual(to: $0.0) }?.1
    }

    private static func isUnused(_ key: JSONText) -> Bool {
        let names: [StaticString] = [
            "owner", "order_owner", "trade_owner", "associate_trades", "outcome", "outcome_index", "created_at", "expiration",
            "maker_address", "fee_rate_bps", "bucket_index",
        ]
        return names.contains { key.isEqual(to: $0) }
    }

    private mutating func readMakerOrders(_ scanner: inout JSONScanner) throws(JSONError) {
        guard try scanner.peekKind() == .array else {
            if try scanner.peekKind() != .null { fault = fault ?? .wrong("maker_orders") }
            return try scanner.skipValue()
        }
        try scanner.beginArray()
        while try scanner.nextElement() {
            guard try scanner.peekKind() == .object else {
                fault = fault ?? .wrong("maker_orders")
                try scanner.skipValue()
                continue
            }
            makerOrders.append(try MakerOrder(&scanner, &unknownKeys))
        }
    }
}

extension PolymarketUserMessage.MakerOrder {
    fileprivate init(_ scanner: inout JSONScanner, _ unknownKeys: inout [JSONText]) throws(JSONError) {
        let fields: [(StaticString, WritableKeyPath<Self, JSONText?>)] = [
            ("order_id", \.orderID), ("owner", \.owner), ("asset_id", \.assetID), ("side", \.side), ("price", \.price),
            ("matched_amount", \.matchedAmount),
        ]
        let unused: [StaticString] = ["maker_address", "fee_rate_bps", "outcome", "outcome_index"]
        self.init()
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if let field = fields.first(where: { key.isEqual(to: $0.0) })?.1 {
                self[keyPath: field] = try scanner.wireText("a field of maker_orders", &fault)?.unlessEmpty
            } else {
                if !unused.contains(where: { key.isEqual(to: $0) }) { PolymarketMessage.note(key, in: &unknownKeys) }
                try scanner.skipValue()
            }
        }
    }
}

extension JSONText {
    /// nil for a text with nothing in it.
    fileprivate var unlessEmpty: JSONText? { isEmpty ? nil : self }
}

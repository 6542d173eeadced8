import JSON
import MarketModel

extension PolymarketDirectory {
    /// The members of an object of any answer that we have a use for.
    struct Shape {
        var assetID: JSONText?
        var market: JSONText?
        var hasBids = false
        var minOrderSize: JSONText?
        var tickSize: JSONText?
        var isNegRisk: Bool?

        var conditionID: JSONText?
        var clobTokenIDs: JSONText?
        var outcomes: JSONText?
        var question: JSONText?
        var slug: JSONText?
        var events: JSONText?
        var endDate: JSONText?
        var orderMinSize: JSONText?
        var orderPriceMinTickSize: JSONText?
        var feeSchedule: JSONText?
        var hasFees: Bool?
        var isClosed: Bool?
        var isActive: Bool?
        /// Of an event or a market: more outcomes may be listed later.
        var isAugmented: Bool?

        /// Of the CLOB's own description of a market.
        var clobConditionID: JSONText?
        var clobTokens: JSONText?

        var data: JSONText?
        var markets: JSONText?

        var state: MarketState? {
            if isClosed == true { return .closed }
            return isActive.map { $0 ? .open : .unopened }
        }

        mutating func read(_ scanner: inout JSONScanner) throws(JSONError) {
            try scanner.beginObject()
            while let key = try scanner.nextKey() {
                let value = try scanner.value()
                if !takeBookMember(key, value) { takeMarketMember(key, value) }
            }
        }

        private mutating func takeBookMember(_ key: JSONText, _ value: JSONText) -> Bool {
            if key.isEqual(to: "asset_id") {
                assetID = Shape.text(value)
            } else if key.isEqual(to: "market") {
                market = Shape.text(value)
            } else if key.isEqual(to: "bids") {
                hasBids = true
            } else if key.isEqual(to: "min_order_size") {
                minOrderSize = Shape.text(value)
            } else if key.isEqual(to: "tick_size") {
                tickSize = Shape.text(value)
            } else if key.isEqual(to: "neg_risk") || key.isEqual(to: "negRisk") {
                isNegRisk = Shape.bool(value)
            } else {
                return false
            }
            return true
        }

        private mutating func takeMarketMember(_ key: JSONText, _ value: JSONText) {
            if key.isEqual(to: "conditionId") {
                conditionID = Shape.text(value)
            } else if key.isEqual(to: "clobTokenIds") {
                clobTokenIDs = value
            } else if key.isEqual(to: "outcomes") {
                outcomes = value
            } else if key.isEqual(to: "question") {
                question = Shape.text(value)
            } else if key.isEqual(to: "slug") {
                slug = Shape.text(value)
            } else if key.isEqual(to: "events") {
                events = value
            } else if key.isEqual(to: "endDate") {
                endDate = Shape.text(value)
            } else if key.isEqual(to: "orderMinSize") {
                orderMinSize = Shape.text(value)
            } else if key.isEqual(to: "orderPriceMinTickSize") {
                orderPriceMinTickSize = Shape.text(value)
            } else if key.isEqual(to: "feeSchedule") {
                feeSchedule = value
            } else if key.isEqual(to: "feesEnabled") {
                hasFees = Shape.bool(value)
            } else if key.isEqual(to: "closed") {
                isClosed = Shape.bool(value)
            } else if key.isEqual(to: "active") {
                isActive = Shape.bool(value)
            } else if key.isEqual(to: "condition_id") {
                clobConditionID = Shape.text(value)
            } else if key.isEqual(to: "tokens") {
                clobTokens = value
            } else if key.isEqual(to: "negRiskAugmented") {
                isAugmented = Shape.bool(value)
            } else if key.isEqual(to: "data") {
                data = value
            } else if key.isEqual(to: "markets") {
                markets = value
            }
        }

        /// The inside of a string, or a number; nil for everything else.
        private static func text(_ value: JSONText) -> JSONText? {
            var scanner = JSONScanner(value)
            return try? scanner.numberOrString()
        }

        private static func bool(_ value: JSONText) -> Bool? {
            var scanner = JSONScanner(value)
            return try? scanner.bool()
        }
    }
}

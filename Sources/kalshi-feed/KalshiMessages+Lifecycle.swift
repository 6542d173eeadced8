import JSON
import MarketModel

/// `market_lifecycle_v2`: something happened to a market as a whole. Source: venues dossier §3.5.
struct KalshiMarketLifecycle {
    var ticker: JSONText
    var eventType: JSONText
    var opens: Timestamp?
    var closes: Timestamp?
    var determined: Timestamp?
    var settled: Timestamp?
    var isDeactivated: Bool?
    var result: JSONText?
    /// What a YES contract pays, in millionths of a dollar.
    var settlementValue: Int64?
    var priceRanges: [PriceRange]?
    var title: JSONText?
    var subtitle: JSONText?
    var eventTicker: JSONText?
}

/// `event_lifecycle`: an event was made or changed.
struct KalshiEventLifecycle {
    let eventTicker: JSONText
    /// "" and nil: not told.
    let seriesTicker: JSONText?
}

/// `event_fee_update`: an event's own fee; both nil where the series' fee holds again.
struct KalshiEventFeeUpdate {
    let eventTicker: JSONText
    let type: JSONText?
    /// In millionths.
    let multiplier: Int64?
}

extension KalshiMarketLifecycle {
    init(_ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        let nothing = JSONText(base: ("" as StaticString).utf8Start, count: 0)
        self.init(ticker: nothing, eventType: nothing)
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "additional_metadata") {
                try readMetadata(&scanner, &scratch)
            } else if try !take(key, &scanner) {
                if !KalshiMarketLifecycle.isUnused(key) { scratch.unknownFields.note(key, in: .marketLifecycle) }
                try scanner.skipValue()
            }
        }
        if ticker.isEmpty { throw KalshiFault.missing("market_ticker") }
        if eventType.isEmpty { throw KalshiFault.missing("event_type") }
    }

    private mutating func take(_ key: JSONText, _ scanner: inout JSONScanner) throws -> Bool {
        if key.isEqual(to: "market_ticker") {
            ticker = try scanner.text("market_ticker")
        } else if key.isEqual(to: "event_type") {
            eventType = try scanner.text("event_type")
        } else if key.isEqual(to: "open_ts") {
            opens = try scanner.optionalSeconds("open_ts")
        } else if key.isEqual(to: "close_ts") {
            closes = try scanner.optionalSeconds("close_ts")
        } else if key.isEqual(to: "determination_ts") {
            determined = try scanner.optionalSeconds("determination_ts")
        } else if key.isEqual(to: "settled_ts") {
            settled = try scanner.optionalSeconds("settled_ts")
        } else if key.isEqual(to: "is_deactivated") {
            guard try scanner.peekKind() == .bool else { throw KalshiFault.wrong("is_deactivated") }
            isDeactivated = try scanner.bool()
        } else if key.isEqual(to: "result") {
            result = try scanner.optionalText("result")
        } else if key.isEqual(to: "settlement_value") {
            settlementValue = try scanner.optionalDecimal("settlement_value")
        } else if key.isEqual(to: "price_ranges") {
            priceRanges = try scanner.optionalPriceRanges("price_ranges")
        } else if key.isEqual(to: "title") {
            title = try scanner.optionalText("title")
        } else if key.isEqual(to: "yes_sub_title") {
            subtitle = try scanner.optionalText("yes_sub_title")
        } else {
            return false
        }
        return true
    }

    /// What a `created` says of the question.
    private mutating func readMetadata(_ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        if try scanner.takeNull() { return }
        guard try scanner.peekKind() == .object else { throw KalshiFault.wrong("additional_metadata") }
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "title") {
                title = try scanner.optionalText("title")
            } else if key.isEqual(to: "yes_sub_title") {
                subtitle = try scanner.optionalText("yes_sub_title")
            } else if key.isEqual(to: "event_ticker") {
                eventTicker = try scanner.optionalText("event_ticker")
            } else {
                if !KalshiMarketLifecycle.isUnused(key) { scratch.unknownFields.note(key, in: .marketLifecycle) }
                try scanner.skipValue()
            }
        }
    }

    /// Whether a field is known and says nothing that we tell.
    private static func isUnused(_ key: JSONText) -> Bool {
        let names: [StaticString] = [
            "exchange_index", "price_level_structure", "name", "no_sub_title", "rules_primary", "rules_secondary",
            "can_close_early", "expected_expiration_ts", "strike_type", "floor_strike", "cap_strike", "custom_strike",
        ]
        return names.contains { key.isEqual(to: $0) }
    }
}

extension KalshiEventLifecycle {
    init(_ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        var (event, series): (JSONText?, JSONText?)
        let unused: [StaticString] = [
            "exchange_index", "title", "subtitle", "collateral_return_type", "strike_date", "strike_period",
        ]
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "event_ticker") {
                event = try scanner.text("event_ticker")
            } else if key.isEqual(to: "series_ticker") {
                series = try scanner.optionalText("series_ticker")
            } else {
                if !unused.contains(where: { key.isEqual(to: $0) }) { scratch.unknownFields.note(key, in: .eventLifecycle) }
                try scanner.skipValue()
            }
        }
        guard let event, !event.isEmpty else { throw KalshiFault.missing("event_ticker") }
        self.init(eventTicker: event, seriesTicker: series.flatMap { $0.isEmpty ? nil : $0 })
    }
}

extension KalshiEventFeeUpdate {
    init(_ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        var (event, type): (JSONText?, JSONText?)
        var multiplier: Int64?
        var (hasType, hasMultiplier) = (false, false)
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "event_ticker") {
                event = try scanner.text("event_ticker")
            } else if key.isEqual(to: "fee_type_override") {
                hasType = true
                type = try scanner.optionalText("fee_type_override")
            } else if key.isEqual(to: "fee_multiplier_override") {
                hasMultiplier = true
                multiplier = try scanner.optionalDecimal("fee_multiplier_override")
            } else {
                scratch.unknownFields.note(key, in: .eventFeeUpdate)
                try scanner.skipValue()
            }
        }
        guard let event, !event.isEmpty else { throw KalshiFault.missing("event_ticker") }
        guard hasType else { throw KalshiFault.missing("fee_type_override") }
        guard hasMultiplier else { throw KalshiFault.missing("fee_multiplier_override") }
        self.init(eventTicker: event, type: type, multiplier: multiplier)
    }
}

import JSON

/// Markets of a Gamma answer, as far as a session must know them to subscribe: a list, a page of a list, events with their markets.
///
/// Lists inside strings and real lists are both taken (dossier §4.2). What is told of a market is the engine's business.
struct PolymarketListing {
    struct Market: Equatable {
        var conditionID = ""
        var tokens: [String] = []
        var slug = ""
        var question = ""
        var event = ""
        /// As the venue spells it, for `--top` only.
        var volume24h = ""
        var isClosed = false
        var hasBook = true
    }

    private(set) var markets: [Market] = []
    /// Where the next page begins; nil on the last one.
    private(set) var nextCursor: String?
    /// Markets that cannot be read: told, never guessed.
    private(set) var faultCount = 0

    init(_ body: [UInt8]) throws(JSONError) {
        try body.withUnsafeBufferPointer { (bytes) throws(JSONError) in
            var scanner = JSONScanner(JSONText(bytes))
            let whole = try scanner.value()
            try scanner.finish()
            try take(whole, event: "")
        }
    }

    private mutating func take(_ value: JSONText, event: String) throws(JSONError) {
        var scanner = JSONScanner(value)
        guard try scanner.peekKind() == .array else { return try takeObject(value, event: event) }
        try scanner.beginArray()
        while try scanner.nextElement() { try takeObject(try scanner.value(), event: event) }
    }

    /// A market, an event, or a page of either.
    private mutating func takeObject(_ object: JSONText, event: String) throws(JSONError) {
        var scanner = JSONScanner(object)
        guard try scanner.peekKind() == .object else { return }
        var market = Market()
        market.event = event
        var lists: [JSONText] = []
        var events: JSONText?
        var hasTokens = false
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            let name = key.string
            let value = try scanner.value()
            switch name {
            case "conditionId": market.conditionID = PolymarketListing.text(value)
            case "clobTokenIds":
                hasTokens = true
                market.tokens = (try? PolymarketList.tokens(value, "clobTokenIds")) ?? []
            case "slug": market.slug = PolymarketListing.text(value)
            case "question": market.question = PolymarketListing.text(value)
            case "volume24hr": market.volume24h = PolymarketListing.text(value)
            case "closed": market.isClosed = value.isEqual(to: "true")
            case "enableOrderBook": market.hasBook = !value.isEqual(to: "false")
            case "markets", "data": lists.append(value)
            case "events": events = value
            case "next_cursor", "nextCursor": nextCursor = PolymarketListing.text(value).isEmpty ? nil : PolymarketListing.text(value)
            default: break
            }
        }
        if hasTokens || !market.conditionID.isEmpty {
            if market.event.isEmpty, let events { market.event = PolymarketListing.firstSlug(events) }
            add(market)
        } else {
            for list in lists { try take(list, event: market.slug.isEmpty ? event : market.slug) }
            if let events { try take(events, event: event) }
        }
    }

    /// Tokens are digits: they are spelled into frames as they stand.
    private mutating func add(_ market: Market) {
        guard !market.tokens.isEmpty, market.tokens.allSatisfy(PolymarketListing.isToken), !market.conditionID.isEmpty else {
            // A market that has no book has no tokens either.
            if market.hasBook, !market.isClosed { faultCount += 1 }
            return
        }
        markets.append(market)
    }

    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 80 && text.utf8.allSatisfy { ($0 &- UInt8(ascii: "0")) <= 9 }
    }

    /// The inside of a string, or a number as it stands; "" for everything else.
    private static func text(_ value: JSONText) -> String {
        var scanner = JSONScanner(value)
        return (try? scanner.numberOrString().string) ?? ""
    }

    private static func firstSlug(_ events: JSONText) -> String {
        var scanner = JSONScanner(events)
        guard (try? scanner.peekKind()) == .array, (try? scanner.beginArray()) != nil, (try? scanner.nextElement()) == true,
            let first = try? scanner.value()
        else { return "" }
        return (try? PolymarketList.member("slug", of: first)) ?? ""
    }
}

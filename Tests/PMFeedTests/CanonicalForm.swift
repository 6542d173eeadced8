import JSON

/// The canonical form of a line, written from `docs/market-event.md` and not from the writer.
enum CanonicalForm {
    private static let envelope = ["v", "type", "feed", "venue", "market", "instrument", "label", "conn", "seq", "recv_us", "venue_us"]
    private static let payloads: [String: [String]] = [
        "instrument": [
            "outcome", "question", "event", "slug", "complement", "state", "tick_size", "min_size", "price_ranges", "open_us",
            "close_us", "fee", "neg_risk",
        ],
        "book_snapshot": ["bids", "asks", "reason", "verified"],
        "book_delta": ["bids", "asks", "verified"],
        "quote": ["bid", "ask"],
        "trade": ["price", "size", "aggressor_side", "trade_id", "tx"],
        "market_status": ["state", "reason"],
        "resolution": ["settlement_price", "outcome_won"],
        "ticker": ["last_price", "volume", "open_interest", "bid", "ask"],
        "own_order": ["order_id", "client_id", "side", "price", "size", "filled", "remaining", "state", "reason"],
        "own_fill": ["trade_id", "order_id", "client_id", "side", "price", "size", "is_taker", "fee", "state", "tx"],
        "feed_status": ["state", "reason", "since_us", "instruments", "expected_seq", "got_seq", "retry_in_us", "counters"],
    ]

    /// What is wrong with a line; nil if nothing is.
    static func fault(_ line: String) -> String? {
        let keys = members(line).map(\.key)
        guard let type = line.memberType, let payload = payloads[type] else { return "no known type" }
        let order = envelope + payload
        let places = keys.map { order.firstIndex(of: $0) ?? -1 }
        if places.contains(-1) { return "unknown key" }
        if zip(places, places.dropFirst()).contains(where: { $0 >= $1 }) { return "keys out of order" }
        for key in ["v", "type", "feed", "venue", "recv_us"] where !keys.contains(key) { return "no \(key)" }
        let isMarketData = type != "feed_status"
        if isMarketData, !keys.contains("market") || !keys.contains("instrument") { return "no instrument" }
        if type.hasPrefix("book_"), !keys.contains("seq") || !keys.contains("bids") || !keys.contains("asks") { return "half a book" }
        return spellingFault(line) ?? levelFault(line, type)
    }

    /// Blanks outside strings, and numbers in another spelling than the one.
    private static func spellingFault(_ line: String) -> String? {
        var isString = false
        var isEscaped = false
        var number = ""
        for character in line.unicodeScalars {
            if isString {
                if character.value < 0x20 { return "a control character" }
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    isString = false
                }
                continue
            }
            if character == " " || character == "\t" || character == "\r" { return "a blank" }
            if "-0123456789.eE+".unicodeScalars.contains(character), !(number.isEmpty && "eE".unicodeScalars.contains(character)) {
                number.unicodeScalars.append(character)
            } else {
                if !isCanonical(number: number) { return "the number \(number)" }
                number = ""
            }
            if character == "\"" { isString = true }
        }
        return nil
    }

    /// Plain decimals: no exponent, no `+`, no zeros at either end, at most six decimals.
    static func isCanonical(number: String) -> Bool {
        if number.isEmpty { return true }
        let magnitude = number.hasPrefix("-") ? number.dropFirst() : number[...]
        let parts = magnitude.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }) else { return false }
        if parts[0].count > 1, parts[0].hasPrefix("0") { return false }
        guard parts.count == 2 else { return true }
        return parts[1].count <= 6 && !parts[1].hasSuffix("0")
    }

    /// Best first, no price twice, no size zero in a snapshot.
    private static func levelFault(_ line: String, _ type: String) -> String? {
        guard type.hasPrefix("book_") else { return nil }
        for (key, isFalling) in [("bids", true), ("asks", false)] {
            let levels = CanonicalForm.levels(line.memberText(key) ?? "")
            for (previous, next) in zip(levels, levels.dropFirst())
            where isFalling ? previous.price <= next.price : previous.price >= next.price {
                return "\(key) out of order"
            }
            if type == "book_snapshot", levels.contains(where: { $0.size == 0 }) { return "a size of zero in a snapshot" }
        }
        return nil
    }

    private static func levels(_ text: String) -> [(price: Double, size: Double)] {
        text.split(whereSeparator: { "[],".contains($0) }).compactMap { Double($0) }.reduce(into: [[Double]]()) {
            if $0.last?.count == 1 { $0[$0.count - 1].append($1) } else { $0.append([$1]) }
        }.map { ($0[0], $0.count > 1 ? $0[1] : 0) }
    }

    /// The members of a line in their order, values as raw text.
    static func members(_ line: String) -> [(key: String, value: String)] {
        var members: [(key: String, value: String)] = []
        var copy = line
        try? copy.withUTF8 { bytes in
            var scanner = JSONScanner(bytes)
            try scanner.beginObject()
            while let key = try scanner.nextKey() { members.append((key.string, try scanner.value().rawString)) }
            try scanner.finish()
        }
        return members
    }
}

extension String {
    fileprivate func memberText(_ key: String) -> String? { CanonicalForm.members(self).first { $0.key == key }?.value }
    fileprivate var memberType: String? { memberText("type").map { String($0.dropFirst().dropLast()) } }
}

extension JSONText {
    /// The bytes as they stand.
    fileprivate var rawString: String { String(decoding: bytes, as: UTF8.self) }
}

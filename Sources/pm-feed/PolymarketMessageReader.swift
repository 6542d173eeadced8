import FeedSession
import JSON
import MarketModel

extension PolymarketMessage {
    /// Reads one object. Only broken grammar is thrown; a value that is not what it should be is kept as `fault`, so that the objects
    /// behind this one can still be read.
    mutating func read(_ scanner: inout JSONScanner) throws(JSONError) {
        reset()
        base = scanner.position - scanner.offset
        try scanner.beginObject()
        takeUsual(&scanner)
        while let key = try scanner.nextKey() {
            switch key.count {
            case 2, 3, 4: try readShort(key, &scanner)
            case 5, 6: try readMiddling(key, &scanner)
            default: try readLong(key, &scanner)
            }
        }
    }

    /// The first members as the venue orders and spells them in nearly every message. Whatever is otherwise is left to the long way.
    private mutating func takeUsual(_ scanner: inout JSONScanner) {
        if let text = scanner.takeString(spelled: "\"market\":\""), !text.isEmpty { market = text }
        guard let token = scanner.takeString(spelled: "\"asset_id\":\"") else { return }
        if !token.isEmpty { assetID = token }
        guard let bid = scanner.takeString(spelled: "\"best_bid\":\"") else { return }
        bestBid = bid
        if let ask = scanner.takeString(spelled: "\"best_ask\":\"") { bestAsk = ask }
    }

    private mutating func readShort(_ key: JSONText, _ scanner: inout JSONScanner) throws(JSONError) {
        if key.isEqual(to: "size") {
            size = try text(&scanner, "size")
        } else if key.isEqual(to: "side") {
            side = try text(&scanner, "side")
        } else if key.isEqual(to: "hash") {
            hash = try text(&scanner, "hash")
        } else if key.isEqual(to: "bids") {
            hasBids = try PolymarketMessage.levels(&scanner, into: &bids, "bids", &fault, &unknownKeys)
        } else if key.isEqual(to: "asks") {
            hasAsks = try PolymarketMessage.levels(&scanner, into: &asks, "asks", &fault, &unknownKeys)
        } else if key.isEqual(to: "id") {
            id = try identifier(&scanner, "id")
        } else if key.isEqual(to: "slug") {
            slug = try text(&scanner, "slug")
        } else if key.isEqual(to: "buys") {
            try skipRetired(&scanner)
        } else if key.isEqual(to: "line") || key.isEqual(to: "tags") {
            try scanner.skipValue()
        } else {
            try skipUnknown(key, &scanner)
        }
    }

    private mutating func readMiddling(_ key: JSONText, _ scanner: inout JSONScanner) throws(JSONError) {
        if key.isEqual(to: "market") {
            market = try identifier(&scanner, "market")
        } else if key.isEqual(to: "price") {
            price = try text(&scanner, "price")
        } else if key.isEqual(to: "active") {
            isActive = try bool(&scanner, "active")
        } else if key.isEqual(to: "sells") {
            try skipRetired(&scanner)
        } else if key.isEqual(to: "spread") {
            try scanner.skipValue()
        } else {
            try skipUnknown(key, &scanner)
        }
    }

    private mutating func readLong(_ key: JSONText, _ scanner: inout JSONScanner) throws(JSONError) {
        if key.isEqual(to: "price_changes") {
            hasChanges = try readChanges(&scanner)
        } else if key.isEqual(to: "timestamp") {
            timestamp = try text(&scanner, "timestamp")
        } else if key.isEqual(to: "event_type") {
            eventType = try text(&scanner, "event_type")
        } else if key.isEqual(to: "asset_id") {
            assetID = try identifier(&scanner, "asset_id")
        } else if key.isEqual(to: "best_bid") {
            bestBid = try text(&scanner, "best_bid")
        } else if key.isEqual(to: "best_ask") {
            bestAsk = try text(&scanner, "best_ask")
        } else if key.isEqual(to: "last_trade_price") {
            lastTradePrice = try text(&scanner, "last_trade_price")
        } else if key.isEqual(to: "transaction_hash") {
            transactionHash = try text(&scanner, "transaction_hash")
        } else if key.isEqual(to: "tick_size") {
            tickSize = try text(&scanner, "tick_size")
        } else if key.isEqual(to: "new_tick_size") {
            newTickSize = try text(&scanner, "new_tick_size")
        } else if key.isEqual(to: "changes") {
            try skipRetired(&scanner)
        } else {
            try readRare(key, &scanner)
        }
    }

    /// The keys of announcements.
    private mutating func readRare(_ key: JSONText, _ scanner: inout JSONScanner) throws(JSONError) {
        if key.isEqual(to: "question") {
            question = try text(&scanner, "question")
        } else if key.isEqual(to: "condition_id") {
            conditionID = try identifier(&scanner, "condition_id")
        } else if key.isEqual(to: "winning_asset_id") {
            winningAssetID = try text(&scanner, "winning_asset_id")
        } else if key.isEqual(to: "order_price_min_tick_size") {
            tickSizeMin = try text(&scanner, "order_price_min_tick_size")
        } else if key.isEqual(to: "assets_ids") {
            assetsIDs = try scanner.value()
        } else if key.isEqual(to: "clob_token_ids") {
            clobTokenIDs = try scanner.value()
        } else if key.isEqual(to: "outcomes") {
            outcomes = try scanner.value()
        } else if key.isEqual(to: "event_message") {
            eventMessage = try scanner.value()
        } else if key.isEqual(to: "fee_schedule") {
            feeSchedule = try scanner.value()
        } else if key.isEqual(to: "fees_enabled") {
            hasFees = try bool(&scanner, "fees_enabled")
        } else if PolymarketMessage.isKnownButUnused(key) {
            try scanner.skipValue()
        } else {
            try skipUnknown(key, &scanner)
        }
    }

    private static func isKnownButUnused(_ key: JSONText) -> Bool {
        let names: [StaticString] = [
            "fee_rate_bps", "old_tick_size", "description", "winning_outcome", "sports_market_type", "group_item_title",
            "game_start_time", "taker_base_fee", "maker_base_fee", "min_order_size", "neg_risk",
        ]
        return names.contains { key.isEqual(to: $0) }
    }

    private mutating func skipRetired(_ scanner: inout JSONScanner) throws(JSONError) {
        hasRetiredKey = true
        try scanner.skipValue()
    }

    private mutating func skipUnknown(_ key: JSONText, _ scanner: inout JSONScanner) throws(JSONError) {
        PolymarketMessage.note(key, in: &unknownKeys)
        try scanner.skipValue()
    }

    /// A few are enough: the others are told when these are known.
    static func note(_ key: JSONText, in unknownKeys: inout [JSONText]) {
        if unknownKeys.count < 8 { unknownKeys.append(key) }
    }

    // MARK: Values

    /// A string, or a number where the venue has left the quotes out; nil for null.
    private mutating func text(_ scanner: inout JSONScanner, _ name: StaticString) throws(JSONError) -> JSONText? {
        try scanner.wireText(name, &fault)
    }

    /// An identifier: never empty, and never spelled with escapes, or one token would be two.
    private mutating func identifier(_ scanner: inout JSONScanner, _ name: StaticString) throws(JSONError) -> JSONText? {
        guard let text = try text(&scanner, name), !text.isEmpty else { return nil }
        guard !text.hasEscapes else {
            fault = fault ?? .wrong(name)
            return nil
        }
        return text
    }

    private mutating func bool(_ scanner: inout JSONScanner, _ name: StaticString) throws(JSONError) -> Bool? {
        if try scanner.peekKind() == .bool { return try scanner.bool() }
        if try scanner.peekKind() != .null { fault = fault ?? .wrong(name) }
        try scanner.skipValue()
        return nil
    }

    /// `[{"price":"0.2","size":"5"},…]`. False, and a fault, if it is anything else.
    private static func levels(
        _ scanner: inout JSONScanner, into levels: inout [WireLevel], _ name: StaticString, _ fault: inout PolymarketFault?,
        _ unknownKeys: inout [JSONText]
    ) throws(JSONError) -> Bool {
        if !levels.isEmpty { levels.removeAll(keepingCapacity: true) }
        guard try scanner.peekKind() == .array else {
            fault = fault ?? .wrong(name)
            try scanner.skipValue()
            return false
        }
        try scanner.beginArray()
        while try scanner.nextElement() {
            guard try scanner.peekKind() == .object else {
                fault = fault ?? .wrong(name)
                try scanner.skipValue()
                continue
            }
            var entry = Change()
            try entry.read(&scanner, &unknownKeys, asking: nil)
            if let wrong = entry.fault { fault = fault ?? wrong }
            if let level = entry.level, let price = entry.price, let size = entry.size {
                levels.append(WireLevel(level: level, price: price, size: size))
            }
        }
        return true
    }

    @inline(__always)
    private mutating func take(_ change: borrowing Change) {
        if changesFault == nil {
            do throws(PolymarketFault) {
                changes.append(try PolymarketChange(change, from: base))
                if numbers != nil { sought.append(change.sought) }
                return
            } catch {
                changesFault = error
            }
        }
        if let assetID = change.assetID { mentioned.append(assetID) }
    }

    private mutating func readChanges(_ scanner: inout JSONScanner) throws(JSONError) -> Bool {
        guard try scanner.peekKind() == .array else {
            fault = fault ?? .wrong("price_changes")
            try scanner.skipValue()
            return false
        }
        try scanner.beginArray()
        while try scanner.nextElement() {
            guard try scanner.peekKind() == .object else {
                fault = fault ?? .wrong("price_changes")
                try scanner.skipValue()
                continue
            }
            var change = Change()
            try change.read(&scanner, &unknownKeys, asking: numbers)
            take(change)
        }
        return true
    }
}

extension PolymarketMessage.Change {
    /// Reads one entry of `price_changes`, or one level of a `book`.
    mutating func read(
        _ scanner: inout JSONScanner, _ unknownKeys: inout [JSONText], asking numbers: Unmanaged<TextNumbers>?
    ) throws(JSONError) {
        try scanner.beginObject()
        takeUsual(&scanner, numbers)
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "price") {
                price = try text(&scanner, "price")
            } else if key.isEqual(to: "size") {
                size = try text(&scanner, "size")
            } else if key.isEqual(to: "asset_id") {
                assetID = try text(&scanner, "asset_id")
                // As in an envelope; a change of a token without a name is a fault of its message.
                if let id = assetID, id.isEmpty || id.hasEscapes { assetID = nil }
            } else if key.isEqual(to: "side") {
                side = try text(&scanner, "side")
            } else if key.isEqual(to: "hash") {
                hash = try text(&scanner, "hash")
            } else if key.isEqual(to: "best_bid") {
                bestBid = try text(&scanner, "best_bid")
            } else if key.isEqual(to: "best_ask") {
                bestAsk = try text(&scanner, "best_ask")
            } else {
                PolymarketMessage.note(key, in: &unknownKeys)
                try scanner.skipValue()
            }
        }
        judge()
    }

    /// The members as the venue orders and spells them in nearly every entry. Whatever is otherwise is left to the long way.
    @inline(__always)
    private mutating func takeUsual(_ scanner: inout JSONScanner, _ numbers: Unmanaged<TextNumbers>?) {
        if let id = scanner.takeString(spelled: "\"asset_id\":\""), !id.isEmpty {
            assetID = id
            if let numbers { sought = numbers._withUnsafeGuaranteedRef { $0.ask(for: id) } }
        }
        guard let first = scanner.takeString(spelled: "\"price\":\"") else { return }
        price = first
        guard let second = scanner.takeString(spelled: "\"size\":\"") else { return }
        size = second
        guard let word = scanner.takeString(spelled: "\"side\":\"") else { return }
        side = word
        if let told = scanner.takeString(spelled: "\"hash\":\"") { hash = told }
        if let bid = scanner.takeString(spelled: "\"best_bid\":\"") { bestBid = bid }
        if let ask = scanner.takeString(spelled: "\"best_ask\":\"") { bestAsk = ask }
    }

    private mutating func text(_ scanner: inout JSONScanner, _ name: StaticString) throws(JSONError) -> JSONText? {
        try scanner.wireText(name, &fault)
    }

    /// Makes the level of its two texts.
    private mutating func judge() {
        guard let price else { return fault = fault ?? .missing("price") }
        guard let size else { return fault = fault ?? .missing("size") }
        do throws(PolymarketFault) {
            level = Level(
                price: try PolymarketDecimal.price(price, "price"), size: try PolymarketDecimal.size(size, "size"))
        } catch {
            fault = fault ?? error
        }
    }
}

extension JSONScanner {
    /// The next value as the venue spells values: a string, or a number where it has left the quotes out; nil for null.
    ///
    /// Anything else is stepped over and is the fault, unless there is one already.
    mutating func wireText(_ name: StaticString, _ fault: inout PolymarketFault?) throws(JSONError) -> JSONText? {
        switch try peekKind() {
        case .string: return try string()
        case .number: return try number()
        case .null: break
        default: fault = fault ?? .wrong(name)
        }
        try skipValue()
        return nil
    }
}

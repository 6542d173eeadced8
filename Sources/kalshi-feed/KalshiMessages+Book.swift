import JSON
import MarketModel

/// `orderbook_delta`: a signed change of one level of one ladder. Source: venues dossier §3.2.
struct KalshiDelta {
    let ticker: JSONText
    /// Its number with whoever read the frame ahead; 0 where it has none.
    var market: UInt32 = 0
    let leg: KalshiLeg
    /// On the wire's own scale; `KalshiLadder` places it.
    let price: Price
    /// Contracts in millionths, signed: never the new size.
    let change: Int64
    let time: Timestamp?
}

/// `orderbook_snapshot`: a market's two ladders, whole. Its levels are in the scratch memory. Source: venues dossier §3.1.
struct KalshiSnapshot {
    let ticker: JSONText
}

/// The fields of an `orderbook_delta` as they come.
private struct KalshiDeltaFields {
    var ticker: JSONText?
    var price: Price?
    var change: Int64?
    var leg: KalshiLeg?
    var (fine, coarse): (Timestamp?, Timestamp?)

    /// The members as the venue orders and spells them in nearly every message. Whatever is otherwise is left to the long way.
    @inline(__always)
    mutating func takeUsual(_ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        guard let name = scanner.takeString(spelled: "\"market_ticker\":\"") else { return }
        ticker = name
        scratch.ask(for: name)
        _ = scanner.takeString(spelled: "\"market_id\":\"")
        guard let dollars = scanner.takeString(spelled: "\"price_dollars\":\"") else { return }
        price = try JSONScanner.dollars(dollars, "price_dollars")
        guard let contracts = scanner.takeString(spelled: "\"delta_fp\":\"") else { return }
        change = try JSONScanner.change(contracts, "delta_fp")
        guard let word = scanner.takeString(spelled: "\"side\":\"") else { return }
        leg = try KalshiDelta.leg(word)
        if let moment = scanner.takeString(spelled: "\"ts\":\"") { fine = Timestamp(rfc3339: moment) }
        if let millis = scanner.takeWhole(spelled: "\"ts_ms\":") { coarse = JSONScanner.moment(millis, microsEach: 1000) }
    }
}

extension KalshiDelta {
    init(_ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        var fields = KalshiDeltaFields()
        var retired: StaticString?
        try scanner.beginObject()
        try fields.takeUsual(&scanner, &scratch)
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "market_ticker") {
                fields.ticker = try scanner.text("market_ticker")
            } else if key.isEqual(to: "price_dollars") {
                fields.price = try scanner.dollars("price_dollars")
            } else if key.isEqual(to: "delta_fp") {
                fields.change = try scanner.change("delta_fp")
            } else if key.isEqual(to: "side") {
                fields.leg = try KalshiDelta.leg(try scanner.text("side"))
            } else if key.isEqual(to: "ts") {
                fields.fine = try scanner.looseTime(microsEach: 1_000_000)
            } else if key.isEqual(to: "ts_ms") {
                fields.coarse = try scanner.looseTime(microsEach: 1000)
            } else if let old = try KalshiDelta.skip(key, &scanner, &scratch) {
                retired = old
            }
        }
        if let retired, fields.price == nil || fields.change == nil { throw KalshiFault.retired(retired) }
        guard let ticker = fields.ticker, !ticker.isEmpty else { throw KalshiFault.missing("market_ticker") }
        guard let price = fields.price else { throw KalshiFault.missing("price_dollars") }
        guard let change = fields.change else { throw KalshiFault.missing("delta_fp") }
        guard let leg = fields.leg else { throw KalshiFault.missing("side") }
        self.init(ticker: ticker, leg: leg, price: price, change: change, time: fields.fine ?? fields.coarse)
    }

    /// Steps over a field that says nothing; gives its name if it is of the retired form.
    private static func skip(
        _ key: JSONText, _ scanner: inout JSONScanner, _ scratch: inout KalshiScratch
    ) throws -> StaticString? {
        try scanner.skipValue()
        if key.isEqual(to: "market_id") || key.isEqual(to: "client_order_id") || key.isEqual(to: "subaccount") { return nil }
        if key.isEqual(to: "price") { return "price" }
        if key.isEqual(to: "delta") { return "delta" }
        scratch.unknownFields.note(key, in: .orderbookDelta)
        return nil
    }

    fileprivate static func leg(_ side: JSONText) throws -> KalshiLeg {
        if side.isEqual(to: "yes") { return .yes }
        if side.isEqual(to: "no") { return .no }
        throw KalshiFault.wrong("side")
    }
}

extension KalshiSnapshot {
    init(_ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        var ticker: JSONText?
        var (hasYes, hasNo) = (false, false)
        var (retiredYes, retiredNo) = (false, false)
        scratch.yes.removeAll(keepingCapacity: true)
        scratch.no.removeAll(keepingCapacity: true)
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "market_ticker") {
                ticker = try scanner.text("market_ticker")
            } else if key.isEqual(to: "yes_dollars_fp") {
                hasYes = true
                try KalshiSnapshot.read(&scanner, into: &scratch.yes, "yes_dollars_fp")
            } else if key.isEqual(to: "no_dollars_fp") {
                hasNo = true
                try KalshiSnapshot.read(&scanner, into: &scratch.no, "no_dollars_fp")
            } else if key.isEqual(to: "market_id") {
                try scanner.skipValue()
            } else if key.isEqual(to: "yes") || key.isEqual(to: "yes_dollars") {
                retiredYes = true
                try scanner.skipValue()
            } else if key.isEqual(to: "no") || key.isEqual(to: "no_dollars") {
                retiredNo = true
                try scanner.skipValue()
            } else {
                try KalshiSnapshot.skipUnknown(key, &scanner, &scratch)
            }
        }
        if retiredYes && !hasYes { throw KalshiFault.retired("yes") }
        if retiredNo && !hasNo { throw KalshiFault.retired("no") }
        guard let ticker, !ticker.isEmpty else { throw KalshiFault.missing("market_ticker") }
        self.init(ticker: ticker)
    }

    /// An absent ladder means that nobody bids, so a ladder under a new name would be read as an empty book. A list that is not known
    /// spoils the snapshot.
    private static func skipUnknown(_ key: JSONText, _ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        scratch.unknownFields.note(key, in: .orderbookSnapshot)
        let kind = try scanner.peekKind()
        try scanner.skipValue()
        if kind == .array || kind == .object { throw KalshiFault.wrong("a list under an unknown name") }
    }

    /// `[["0.0100","237.00"],…]`, in any order.
    private static func read(_ scanner: inout JSONScanner, into levels: inout [Level], _ field: StaticString) throws {
        guard try scanner.peekKind() == .array else { throw KalshiFault.wrong(field) }
        levels.removeAll(keepingCapacity: true)
        try scanner.beginArray()
        while try scanner.nextElement() {
            guard try scanner.peekKind() == .array else { throw KalshiFault.wrong(field) }
            try scanner.beginArray()
            guard try scanner.nextElement() else { throw KalshiFault.wrong(field) }
            let price = try scanner.dollars(field)
            guard try scanner.nextElement() else { throw KalshiFault.wrong(field) }
            let size = try scanner.count(field)
            guard try !scanner.nextElement() else { throw KalshiFault.wrong(field) }
            levels.append(Level(price: price, size: size))
        }
    }
}

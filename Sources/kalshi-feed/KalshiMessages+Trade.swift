import FeedSession
import JSON
import MarketModel

/// `trade`: one print. Source: venues dossier §3.4.
struct KalshiTradeMessage {
    let ticker: JSONText
    /// Its number with whoever read the frame ahead; 0 where it has none.
    var market: UInt32 = 0
    let id: JSONText
    /// Of the YES side.
    let price: Price
    let size: Size
    let aggressor: Trade.Aggressor
    /// What is odd about the taker's side; the print itself is right.
    let oddity: StaticString?
    let time: Timestamp?
}

/// The three ways in which the venue has told the taker's side.
private struct KalshiTaker {
    var outcomeSide: JSONText?
    var bookSide: JSONText?
    /// Deprecated, and all that older servers sent.
    var side: JSONText?

    /// Buying YES, in terms of our instrument: outcome yes, book side bid.
    func judge() -> (aggressor: Trade.Aggressor, oddity: StaticString?) {
        let byOutcome = KalshiTaker.aggressor(outcomeSide, buys: "yes", sells: "no")
        let byBook = KalshiTaker.aggressor(bookSide, buys: "bid", sells: "ask")
        if let byOutcome, let byBook, byOutcome != byBook { return (.unknown, "taker sides of a trade contradict each other") }
        guard let told = byOutcome ?? byBook ?? KalshiTaker.aggressor(side, buys: "yes", sells: "no") else {
            return (.unknown, "a trade without a taker side")
        }
        return (told, told == .unknown ? "a taker side of a trade that was never seen" : nil)
    }

    private static func aggressor(_ text: JSONText?, buys: StaticString, sells: StaticString) -> Trade.Aggressor? {
        guard let text else { return nil }
        return text.isEqual(to: buys) ? .buy : text.isEqual(to: sells) ? .sell : .unknown
    }
}

/// The fields of a `trade` as they come.
private struct KalshiTradeFields {
    var (ticker, id): (JSONText?, JSONText?)
    var (yes, no): (Price?, Price?)
    var size: Size?
    var taker = KalshiTaker()
    var (finest, fine, coarse): (Timestamp?, Timestamp?, Timestamp?)
    var retired: StaticString?

    /// Takes one field; false if it is not one that matters.
    mutating func take(_ key: JSONText, _ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws -> Bool {
        if key.isEqual(to: "trade_id") {
            id = try scanner.text("trade_id")
        } else if key.isEqual(to: "market_ticker") {
            let name = try scanner.text("market_ticker")
            ticker = name
            scratch.ask(for: name)
        } else if key.isEqual(to: "yes_price_dollars") {
            yes = try scanner.dollars("yes_price_dollars")
        } else if key.isEqual(to: "no_price_dollars") {
            no = try scanner.dollars("no_price_dollars")
        } else if key.isEqual(to: "count_fp") {
            size = try scanner.count("count_fp")
        } else if key.isEqual(to: "taker_outcome_side") {
            taker.outcomeSide = try scanner.optionalText("taker_outcome_side")
        } else if key.isEqual(to: "taker_book_side") {
            taker.bookSide = try scanner.optionalText("taker_book_side")
        } else if key.isEqual(to: "taker_side") {
            taker.side = try scanner.optionalText("taker_side")
        } else if key.isEqual(to: "ts_ms") {
            fine = try scanner.looseTime(microsEach: 1000)
        } else if key.isEqual(to: "ts") {
            coarse = try scanner.looseTime(microsEach: 1_000_000)
        } else if key.isEqual(to: "ticker") {
            // REST's name of it.
            ticker = try scanner.text("ticker")
        } else if key.isEqual(to: "created_time") {
            finest = try scanner.looseTime(microsEach: 1_000_000)
        } else {
            return false
        }
        return true
    }

    /// Steps over a field that says nothing.
    mutating func skip(_ key: JSONText, _ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        try scanner.skipValue()
        if key.isEqual(to: "is_block_trade") || key.isEqual(to: "market_id") { return }
        if key.isEqual(to: "count") {
            retired = "count"
        } else if key.isEqual(to: "yes_price") || key.isEqual(to: "no_price") {
            retired = retired ?? "yes_price"
        } else {
            scratch.unknownFields.note(key, in: .trade)
        }
    }
}

extension KalshiTradeMessage {
    init(_ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        var fields = KalshiTradeFields()
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if try !fields.take(key, &scanner, &scratch) { try fields.skip(key, &scanner, &scratch) }
        }
        if let retired = fields.retired, fields.size == nil || fields.yes == nil { throw KalshiFault.retired(retired) }
        guard let ticker = fields.ticker, !ticker.isEmpty else { throw KalshiFault.missing("market_ticker") }
        guard let id = fields.id else { throw KalshiFault.missing("trade_id") }
        guard let yes = fields.yes else { throw KalshiFault.missing("yes_price_dollars") }
        guard let no = fields.no else { throw KalshiFault.missing("no_price_dollars") }
        guard let size = fields.size else { throw KalshiFault.missing("count_fp") }
        guard yes.complement == no else { throw KalshiFault.contradiction("yes_price_dollars and no_price_dollars") }
        guard size > .zero else { throw KalshiFault.wrong("count_fp") }
        let (aggressor, oddity) = fields.taker.judge()
        self.init(
            ticker: ticker, id: id, price: yes, size: size, aggressor: aggressor, oddity: oddity,
            time: fields.finest ?? fields.fine ?? fields.coarse)
    }
}

import JSON
import MarketModel

/// `ticker`: statistics of one market, without a sequence. Source: venues dossier §3.3.
struct KalshiTickerMessage {
    var ticker: JSONText
    /// nil where nothing was traded: the venue writes "" or a price of zero, at which nothing can trade.
    var lastPrice: Price?
    var volume: Size
    var openInterest: Size
    /// A side is there only if its size is not zero; "no quote" is spelled as a price of 0 or 1.
    var bid: Level
    var ask: Level
    var time: Timestamp?
}

/// The fields of a `ticker` as they come.
private struct KalshiTickerFields {
    var ticker: JSONText?
    var hasLastPrice = false
    var lastPrice: Price?
    var (bidPrice, askPrice): (Price?, Price?)
    var (bidSize, askSize): (Size?, Size?)
    var (volume, openInterest): (Size?, Size?)
    var (fine, middling, coarse): (Timestamp?, Timestamp?, Timestamp?)
    var hasRetired = false

    /// Takes one field; false if it is not one that matters.
    mutating func take(_ key: JSONText, _ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws -> Bool {
        if key.isEqual(to: "market_ticker") {
            let name = try scanner.text("market_ticker")
            ticker = name
            scratch.ask(for: name)
        } else if key.isEqual(to: "price_dollars") {
            hasLastPrice = true
            var rest = scanner
            let isEmpty = try rest.text("price_dollars").isEmpty
            if isEmpty { scanner = rest } else { lastPrice = try scanner.dollars("price_dollars") }
        } else if key.isEqual(to: "yes_bid_dollars") {
            bidPrice = try scanner.dollars("yes_bid_dollars")
        } else if key.isEqual(to: "yes_ask_dollars") {
            askPrice = try scanner.dollars("yes_ask_dollars")
        } else if key.isEqual(to: "yes_bid_size_fp") {
            bidSize = try scanner.count("yes_bid_size_fp")
        } else if key.isEqual(to: "yes_ask_size_fp") {
            askSize = try scanner.count("yes_ask_size_fp")
        } else if key.isEqual(to: "volume_fp") {
            volume = try scanner.count("volume_fp")
        } else if key.isEqual(to: "open_interest_fp") {
            openInterest = try scanner.count("open_interest_fp")
        } else if key.isEqual(to: "time") {
            fine = try scanner.looseTime(microsEach: 1_000_000)
        } else if key.isEqual(to: "ts_ms") {
            middling = try scanner.looseTime(microsEach: 1000)
        } else if key.isEqual(to: "ts") {
            coarse = try scanner.looseTime(microsEach: 1_000_000)
        } else {
            return false
        }
        return true
    }

    /// Whether a field is of the integer form that ended in March 2026.
    static func isRetired(_ key: JSONText) -> Bool {
        let names: [StaticString] = ["price", "yes_bid", "yes_ask", "volume", "open_interest"]
        return names.contains { key.isEqual(to: $0) }
    }

    /// Whether a field is known and says nothing that we tell.
    static func isUnused(_ key: JSONText) -> Bool {
        let names: [StaticString] = [
            "market_id", "last_trade_size_fp", "dollar_volume", "dollar_open_interest", "Clock", "no_bid_dollars", "no_ask_dollars",
        ]
        return names.contains { key.isEqual(to: $0) }
    }
}

extension KalshiTickerMessage {
    init(_ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        var fields = KalshiTickerFields()
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if try fields.take(key, &scanner, &scratch) { continue }
            if KalshiTickerFields.isRetired(key) {
                fields.hasRetired = true
            } else if !KalshiTickerFields.isUnused(key) {
                scratch.unknownFields.note(key, in: .ticker)
            }
            try scanner.skipValue()
        }
        guard let ticker = fields.ticker, !ticker.isEmpty else { throw KalshiFault.missing("market_ticker") }
        guard let volume = fields.volume, let openInterest = fields.openInterest, let bidSize = fields.bidSize,
            let askSize = fields.askSize
        else { throw fields.hasRetired ? KalshiFault.retired("volume") : KalshiFault.missing("a size of a ticker") }
        guard fields.hasLastPrice else { throw KalshiFault.missing("price_dollars") }
        guard let bidPrice = fields.bidPrice else { throw KalshiFault.missing("yes_bid_dollars") }
        guard let askPrice = fields.askPrice else { throw KalshiFault.missing("yes_ask_dollars") }
        self.init(
            ticker: ticker, lastPrice: fields.lastPrice == .zero ? nil : fields.lastPrice, volume: volume,
            openInterest: openInterest, bid: Level(price: bidPrice, size: bidSize), ask: Level(price: askPrice, size: askSize),
            time: fields.fine ?? fields.middling ?? fields.coarse)
    }
}

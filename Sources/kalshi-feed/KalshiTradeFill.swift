import FeedSession
import JSON
import MarketModel

/// Trades of REST answers, which fill holes: each that was not told yet is told, the oldest first. Source: venues dossier §4 and §6.
///
/// Answers are newest first and come in pages. They are kept until the last page is here, or until it is late.
final class KalshiTradeFill {
    private static let patienceMicros: Int64 = 15_000_000

    private struct Stored {
        let market: KalshiMarket
        let trade: Trade
        let id: [UInt8]
        let time: Timestamp
    }

    private struct Pages {
        var trades: [Stored] = []
        var deadline: Timestamp
    }

    private let output: FeedOutput
    private let registry: KalshiRegistry
    private var pages: [String: Pages] = [:]

    init(_ output: FeedOutput, _ registry: KalshiRegistry) {
        self.output = output
        self.registry = registry
    }

    /// Whether an answer is one of trades.
    static func isTrades(_ path: String) -> Bool { path.prefix { $0 != "?" }.hasSuffix("/markets/trades") }

    /// Takes the body of an answer with status 200.
    func take(
        path: String, body: JSONText, _ scratch: inout KalshiScratch, _ memory: inout KalshiTradeMemory, at time: Timestamp
    ) throws {
        let key = KalshiTradeFill.withoutCursor(path)
        var pages = pages.removeValue(forKey: key) ?? Pages(deadline: time.advanced(byMicros: KalshiTradeFill.patienceMicros))
        var hasMore = false
        var scanner = JSONScanner(body)
        try scanner.beginObject()
        while let name = try scanner.nextKey() {
            if name.isEqual(to: "trades") {
                guard try scanner.peekKind() == .array else { throw KalshiFault.wrong("trades") }
                try scanner.beginArray()
                while try scanner.nextElement() { try store(&scanner, &scratch, &pages, at: time) }
            } else if name.isEqual(to: "cursor") {
                hasMore = try !(scanner.optionalText("cursor")?.isEmpty ?? true)
            } else {
                try scanner.skipValue()
            }
        }
        try scanner.finish()
        if hasMore { self.pages[key] = pages } else { try tell(pages, &memory, at: time) }
    }

    /// One trade; one that is no use is left out alone.
    private func store(_ scanner: inout JSONScanner, _ scratch: inout KalshiScratch, _ pages: inout Pages, at time: Timestamp) throws {
        let text = try scanner.value()
        do {
            var inner = JSONScanner(text)
            guard try inner.peekKind() == .object else { throw KalshiFault.wrong("a trade") }
            let message = try KalshiTradeMessage(&inner, &scratch)
            guard let market = registry.find(message.ticker), market.isTradeAsked else { return }
            guard let happened = message.time else { throw KalshiFault.missing("created_time") }
            let trade = Trade(price: message.price, size: message.size, aggressor: message.aggressor)
            pages.trades.append(Stored(market: market, trade: trade, id: Array(message.id.bytes), time: happened))
        } catch let fault as KalshiFault {
            try output.reject(text.bytes, counter: "rest_trade", message: "a listed trade: \(fault.message)", at: time)
        }
    }

    private func tell(_ pages: Pages, _ memory: inout KalshiTradeMemory, at time: Timestamp) throws {
        // Newest first as they came: turned round, a stable sort keeps trades of one moment in the venue's order.
        let trades = pages.trades.reversed().enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        for stored in trades.map(\.element) {
            if let horizon = memory.horizon, stored.time <= horizon {
                output.counters.add("trades_too_old")
                continue
            }
            try stored.id.withUnsafeBufferPointer { bytes in
                let id = JSONText(bytes)
                guard memory.take(id, at: stored.time) else { return }
                output.counters.add("trades_from_rest")
                var trade = stored.trade
                trade.id = id
                try output.trade(stored.market.instrument, trade, conn: nil, received: time, venueTime: stored.time)
            }
        }
    }

    /// When the next pages are late; nil for never.
    var nextDeadline: Timestamp? { pages.values.map(\.deadline).min() }

    /// Tells what is here of answers whose last page has not come.
    func passed(to time: Timestamp, _ memory: inout KalshiTradeMemory) throws {
        for key in pages.filter({ $0.value.deadline <= time }).keys.sorted() {
            guard let late = pages.removeValue(forKey: key) else { continue }
            output.counters.add("rest_pages_missing")
            try tell(late, &memory, at: time)
        }
    }

    private static func withoutCursor(_ path: String) -> String {
        path.split(separator: "&").filter { !$0.hasPrefix("cursor=") }.joined(separator: "&")
    }
}

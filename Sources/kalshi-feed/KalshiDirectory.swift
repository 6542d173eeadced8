import FeedSession
import JSON
import MarketModel

/// What REST answers say of markets: `/markets?…`, `/markets/T`, `/series/T`, `/events/T`. Source: venues dossier §6.
///
/// Nothing is told for its own sake: an instrument is told before its first use, and again when what is known of it changes.
struct KalshiDirectory {
    private let output: FeedOutput
    private let registry: KalshiRegistry

    init(_ output: FeedOutput, _ registry: KalshiRegistry) {
        self.output = output
        self.registry = registry
    }

    /// Takes the body of an answer with status 200.
    func take(path: String, body: JSONText, at time: Timestamp) throws {
        guard KalshiDirectory.isUseful(path) else { return output.counters.add("rest_unused") }
        var scanner = JSONScanner(body)
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "markets") {
                try takeMarkets(&scanner, at: time)
            } else if key.isEqual(to: "market") {
                try takeMarket(&scanner, at: time)
            } else if key.isEqual(to: "series"), try scanner.peekKind() == .object {
                try takeSeries(&scanner, at: time)
            } else if key.isEqual(to: "event"), try scanner.peekKind() == .object {
                try takeEvent(&scanner, at: time)
            } else {
                try scanner.skipValue()
            }
        }
        try scanner.finish()
    }

    /// One or two steps: `/markets/T` and not `/markets/T/orderbook`, and not `/markets/trades`.
    private static func isUseful(_ path: String) -> Bool {
        let bare = path.prefix { $0 != "?" }
        var steps = bare.split(separator: "/")
        if let version = steps.firstIndex(of: "v2") { steps.removeSubrange(...version) }
        guard let first = steps.first, steps.count <= 2, first == "markets" || first == "series" || first == "events" else { return false }
        return steps.last != "trades" && steps.last != "orderbooks"
    }

    private func takeMarkets(_ scanner: inout JSONScanner, at time: Timestamp) throws {
        guard try scanner.peekKind() == .array else { throw KalshiFault.wrong("markets") }
        try scanner.beginArray()
        while try scanner.nextElement() { try takeMarket(&scanner, at: time) }
    }

    /// One market, read whole before anything of it is used; one that is no use is skipped alone.
    private func takeMarket(_ scanner: inout JSONScanner, at time: Timestamp) throws {
        let text = try scanner.value()
        do {
            try KalshiListedMarket(text).learn(registry, at: time)
        } catch let fault as KalshiFault {
            try output.reject(text.bytes, counter: "rest_market", message: "a listed market: \(fault.message)", at: time)
        }
    }

    private func takeSeries(_ scanner: inout JSONScanner, at time: Timestamp) throws {
        var ticker: String?
        var terms = KalshiFees.Terms()
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "ticker") {
                ticker = try scanner.optionalText("ticker")?.string
            } else if key.isEqual(to: "fee_type") {
                terms.type = try scanner.optionalText("fee_type")?.string
            } else if key.isEqual(to: "fee_multiplier") {
                terms.multiplier = try scanner.optionalDecimal("fee_multiplier")
            } else {
                try scanner.skipValue()
            }
        }
        guard let ticker, !ticker.isEmpty else { throw KalshiFault.missing("ticker of a series") }
        try registry.setFee(ofSeries: ticker, terms, at: time)
    }

    private func takeEvent(_ scanner: inout JSONScanner, at time: Timestamp) throws {
        var (event, series): (String?, String?)
        var terms = KalshiFees.Terms()
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "event_ticker") {
                event = try scanner.optionalText("event_ticker")?.string
            } else if key.isEqual(to: "series_ticker") {
                series = try scanner.optionalText("series_ticker")?.string
            } else if key.isEqual(to: "fee_type_override") {
                terms.type = try scanner.optionalText("fee_type_override")?.string
            } else if key.isEqual(to: "fee_multiplier_override") {
                terms.multiplier = try scanner.optionalDecimal("fee_multiplier_override")
            } else if key.isEqual(to: "markets"), try scanner.peekKind() == .array {
                try takeMarkets(&scanner, at: time)
            } else {
                try scanner.skipValue()
            }
        }
        guard let event, !event.isEmpty else { throw KalshiFault.missing("event_ticker") }
        if let series, !series.isEmpty { try registry.setSeries(series, ofEvent: event, at: time) }
        if terms != KalshiFees.Terms() { try registry.setFee(ofEvent: event, terms, at: time) }
    }
}

import JSON
import MarketModel

/// What Kalshi takes of a trade: by series, with overrides by event.
///
/// fee = multiplier × 0.07 × contracts × price × (1 − price) for the taker; the maker's rate follows from the type. The list of types
/// is open: one that is not known makes the model `unknown`, never a guess. Source: venues dossier §6.2.
struct KalshiFees {
    /// A type and a multiplier in millionths, each as far as told.
    struct Terms: Equatable {
        var type: String?
        var multiplier: Int64?
    }

    private static let takerRate: Int64 = 70_000

    private var series: [String: Terms] = [:]
    private var events: [String: Terms] = [:]

    /// Gives whether that was news.
    mutating func setSeries(_ ticker: String, _ terms: Terms) -> Bool {
        defer { series[ticker] = terms }
        return series[ticker] != terms
    }

    /// An override that says nothing leaves the series' terms, and stays noted: the event's fee was spoken of.
    mutating func setEvent(_ ticker: String, _ terms: Terms) -> Bool {
        defer { events[ticker] = terms }
        return events[ticker] != terms
    }

    /// nil where nobody has told anything.
    func fee(series name: String, event: String?) -> Fee? {
        let base = series[name]
        let override = event.flatMap { events[$0] }
        guard base != nil || override != nil else { return nil }
        guard let type = override?.type ?? base?.type, let makerRate = KalshiFees.makerRate(type) else { return Fee(.unknown) }
        return Fee(
            .quadratic, takerRate: KalshiFees.takerRate, makerRate: makerRate, exponent: Decimal6.one,
            multiplier: override?.multiplier ?? base?.multiplier)
    }

    private static func makerRate(_ type: String) -> Int64? {
        switch type {
        case "quadratic": 0
        case "quadratic_with_maker_fees": 17_500
        case "quadratic_with_combo_maker_fees": 35_000
        default: nil
        }
    }
}

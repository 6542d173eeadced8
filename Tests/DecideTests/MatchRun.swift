import MarketModel

@testable import mkt_decide

/// Two venues with a question each, as every test of proposals needs them.
struct MatchRun {
    static let closes = Timestamp(micros: 1_790_352_000_000_000)

    /// A market with both outcomes, each the other's complement.
    static func market(
        _ venue: String, _ name: String, _ question: String, _ outcomes: [String] = ["Yes", "No"], slug: String? = nil,
        closes: Timestamp? = closes
    ) -> [ListedInstrument] {
        outcomes.map { outcome in
            let other = outcomes.first { $0 != outcome }
            return ListedInstrument(
                venue: venue, market: name, instrument: "\(name)-\(outcome)", outcome: outcome, question: question, slug: slug,
                complement: other.map { "\(name)-\($0)" }, closes: closes)
        }
    }

    /// A market of which one side is listed.
    static func side(_ ticker: String, _ question: String, venue: String = "east", closes: Timestamp? = closes) -> [ListedInstrument] {
        [ListedInstrument(venue: venue, market: ticker, instrument: ticker, question: question, closes: closes)]
    }

    static func proposals(_ instruments: [ListedInstrument], _ settings: MatchSettings = MatchSettings()) -> [Proposal] {
        var listed = ListedMarkets()
        for instrument in instruments { listed.add(instrument) }
        var matcher = Matcher(listed.markets, settings)
        return matcher.proposals()
    }

    /// What is proposed of two questions: `T same w-Yes`; nil for nothing.
    static func link(_ left: String, _ right: String, ticker: String = "T", closes: (Timestamp?, Timestamp?) = (closes, closes)) -> String?
    {
        let found = proposals(market("west", "w", left, closes: closes.0) + side(ticker, right, closes: closes.1))
        return found.first.map { "\($0.left.instrument) \($0.relation.rawValue) \($0.right.instrument)" }
    }
}

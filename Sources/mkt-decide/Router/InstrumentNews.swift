import JSON
import MarketModel

/// What an `instrument` line says that rules use. Points into the line.
struct InstrumentNews {
    let outcome: JSONText?
    let event: JSONText?
    let complement: JSONText?
    /// nil where the line tells none.
    let fee: Fee?
    let negRisk: JSONText?
    /// nil where the line does not say.
    let isOpen: Bool?

    init(_ decoder: borrowing EventDecoder) throws(EventError) {
        outcome = try decoder.text(.outcome)
        event = try decoder.text(.event)
        complement = try decoder.text(.complement)
        fee = Fee(decoder)
        negRisk = try decoder.text(.negRisk)
        isOpen = try InstrumentNews.isOpen(decoder)
    }

    /// Whether the `state` of a line is `open`; any word that is not, of today or tomorrow, is not open.
    static func isOpen(_ decoder: borrowing EventDecoder) throws(EventError) -> Bool? {
        try decoder.text(.state).map { $0.string == MarketState.open.name.description }
    }
}

/// What is known of an instrument beside its book and its name, for rules about several.
struct InstrumentFactSheet {
    var fee: Result<TakerFee, TakerFee.Fault> = .failure(.missing)
    var event: String?
    var complement: String?
    /// The word `neg_risk`, as it is told.
    var negRisk: String?
    /// Nothing but `open` was told last.
    var isOpen = true
    /// What a share pays, as the latest `resolution` tells it; nil before the first.
    var settlement: Price?

    /// Takes a line over: what it does not say is not known any more, but for the state, which other lines tell too.
    mutating func take(_ news: InstrumentNews) {
        fee = Result { () throws(TakerFee.Fault) in try TakerFee(news.fee) }
        event = news.event?.string
        complement = news.complement?.string
        negRisk = news.negRisk?.string
        if let isOpen = news.isOpen { self.isOpen = isOpen }
    }
}

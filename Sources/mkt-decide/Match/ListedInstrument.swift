import JSON
import MarketModel

/// What an `instrument` line tells, as far as it takes to find the same question elsewhere.
struct ListedInstrument: Equatable {
    let venue: String
    let market: String
    let instrument: String
    let outcome: String?
    let question: String?
    let event: String?
    let slug: String?
    let complement: String?
    let isOver: Bool
    let closes: Timestamp?
    let received: Timestamp

    /// - Parameter decoder: Has read an `instrument` line.
    init(_ decoder: borrowing EventDecoder) throws(EventError) {
        venue = try decoder.requireText(.venue).string
        market = try decoder.requireText(.market).string
        instrument = try decoder.requireText(.instrument).string
        outcome = try decoder.text(.outcome)?.string
        question = try decoder.text(.question)?.string
        event = try decoder.text(.event)?.string
        slug = try decoder.text(.slug)?.string
        complement = try decoder.text(.complement)?.string
        let state = try decoder.text(.state)
        isOver = ["closed", "determined", "settled"].contains(state?.string ?? "")
        closes = try decoder.integer(.closeUs).map { Timestamp(micros: $0) }
        received = decoder.received
    }

    init(
        venue: String, market: String, instrument: String, outcome: String? = "Yes", question: String?, event: String? = nil,
        slug: String? = nil, complement: String? = nil, closes: Timestamp? = nil, received: Timestamp = Timestamp(micros: 0)
    ) {
        (self.venue, self.market, self.instrument, self.outcome, self.question) = (venue, market, instrument, outcome, question)
        (self.event, self.slug, self.complement, self.closes, self.received) = (event, slug, complement, closes, received)
        isOver = false
    }

    /// Of two lines about one instrument the one received last counts; of equals one that does not depend on their order.
    func supersedes(_ other: ListedInstrument) -> Bool {
        if received != other.received { return received > other.received }
        return rank.lexicographicallyPrecedes(other.rank)
    }

    private var rank: [UInt8] {
        let texts = [market, outcome, question, event, slug, complement, closes.map { String($0.micros) }, isOver ? "over" : nil]
        return Array(texts.map { $0 ?? "" }.joined(separator: "\n").utf8)
    }

    /// Whether a link can name it: a CSV of one line a record holds no control characters, and a spreadsheet takes some beginnings for formulas.
    var isNameable: Bool { [venue, instrument, complement ?? "x"].allSatisfy(CSVField.isSafeName) }
}

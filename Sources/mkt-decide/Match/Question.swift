import MarketModel

/// A question as it was read: what it asks, of whom, when.
struct Question {
    /// Words of a question that is not longer than any honest one.
    static let bytesMax = 2000
    /// 1970 to 9999, in microseconds.
    private static let closesRange: ClosedRange<Int64> = 0...253_402_300_799_999_999

    var quantities: [Quantity]
    var dates: [DateMention]
    let minutes: Set<Int64>
    var words: [WordReader.Word]
    let isNegated: Bool
    /// Who is meant to win, where two are named.
    let subject: [WordReader.Word]?
    /// Two are named and one of them is meant, but nobody says which.
    let isSubjectUnknown: Bool
    /// It begins with `who` or `which` and does not say of whom it is asked.
    let isOpen: Bool
    let evidence: IdentifierEvidence
    /// A number was taken from the identifier.
    let isStrikeGuessed: Bool
    let closes: Timestamp?

    /// nil where there is nothing to read, or too much.
    init?(_ instrument: ListedInstrument) {
        guard let question = instrument.question, !question.isEmpty, question.utf8.count <= Question.bytesMax else { return nil }
        evidence = IdentifierEvidence(instrument: instrument.instrument, event: instrument.event, slug: instrument.slug)
        // Whatever stands there else is no time at which a market closes, and nothing that could agree.
        guard instrument.closes.map({ Question.closesRange.contains($0.micros) }) ?? true else { return nil }
        closes = instrument.closes
        var text = QuestionText(question)
        let dateReader = DateReader(&text)
        minutes = dateReader.minutes
        quantities = NumberReader(&text).quantities
        if let stretch = dateReader.stretch {
            quantities.append(Quantity(bound: .exact, low: stretch * Quantity.one, high: stretch * Quantity.one, unit: .minute))
        }
        let opener = text.lexemes.first { $0.isWord }?.text ?? ""
        if quantities.isEmpty, let strike = evidence.strike {
            quantities = [Quantity(bound: .above, low: strike, high: strike)]
            isStrikeGuessed = true
        } else {
            isStrikeGuessed = false
        }
        // `Who wins? (Ada Quill)`
        let namesWhom = question.hasSuffix(")") && question.contains("? (")
        isOpen = ["who", "which", "what", "whose", "how"].contains(opener) && quantities.isEmpty && !namesWhom
        let reader = WordReader(text, league: evidence.league)
        (words, isNegated) = (reader.words, reader.isNegated)
        let contest = Contest(text, evidence)
        (subject, isSubjectUnknown) = (contest.subject, contest.isSubjectUnknown)
        dates = Question.resolved(dateReader.mentions, evidence, closes)
    }

    /// Dates with their year: as the identifier says it, or as the close makes likely.
    private static func resolved(_ mentions: [DateMention], _ evidence: IdentifierEvidence, _ closes: Timestamp?) -> [DateMention] {
        guard !mentions.isEmpty else { return evidence.date.map { [DateMention(date: $0, timing: .bare)] } ?? [] }
        return mentions.map { mention in
            var mention = mention
            if mention.date.year == nil, let date = evidence.date, date.month == nil || date.month == mention.date.month {
                mention.date.year = date.year
            }
            if let closes { mention.date = mention.date.nearest(to: closes.micros / 86_400_000_000) }
            return mention
        }
    }
}

/// The statements of a market: one where the outcomes are Yes and No, else one for each outcome.
enum StatementReader {
    static func statements(_ market: ListedMarkets.Market, number: Int) -> [Statement] {
        var statements: [Statement] = []
        var hasPolar = false
        for instrument in market.instruments {
            guard let outcome = instrument.outcome, let question = Question(instrument) else { continue }
            let name = FoldedScalars(outcome).scalars.reduce(into: "") { $0.unicodeScalars.append($1.scalar) }
            if name == "yes" || name == "no" {
                // Both sides of one market are one statement.
                guard !hasPolar, let polar = polar(market, number, instrument, question, isYes: name == "yes") else { continue }
                statements.append(polar)
                hasPolar = true
            } else if let named = named(market, number, instrument, question, outcome: name) {
                statements.append(named)
            }
        }
        return statements
    }

    private static func polar(
        _ market: ListedMarkets.Market, _ number: Int, _ instrument: ListedInstrument, _ question: Question, isYes: Bool
    ) -> Statement? {
        guard !question.isOpen else { return nil }
        let own = Statement.Answer(instrument: instrument.instrument, outcome: instrument.outcome)
        let other = complement(of: instrument, in: market)
        let isTrue = isYes != question.isNegated
        return Statement(
            market: number, venue: market.venue, question, whenTrue: isTrue ? own : other, whenFalse: isTrue ? other : own,
            words: question.words, subject: question.subject, quantities: question.quantities)
    }

    private static func complement(of instrument: ListedInstrument, in market: ListedMarkets.Market) -> Statement.Answer? {
        let listed = market.instruments.first { $0.instrument == instrument.complement || $0.complement == instrument.instrument }
        if let listed { return Statement.Answer(instrument: listed.instrument, outcome: listed.outcome) }
        return instrument.complement.map { Statement.Answer(instrument: $0, outcome: nil) }
    }

    private static func named(
        _ market: ListedMarkets.Market, _ number: Int, _ instrument: ListedInstrument, _ question: Question, outcome: String
    ) -> Statement? {
        guard !question.isNegated else { return nil }
        var (words, quantities) = (question.words, question.quantities)
        var subject: [WordReader.Word]?
        switch outcome {
        case "up", "down", "higher", "lower":
            let direction = outcome == "up" || outcome == "higher" ? "~up" : "~down"
            words.removeAll { $0.text == "~up" || $0.text == "~down" }
            words.append(WordReader.Word(text: direction, isName: false))
        case "over", "under":
            guard let place = quantities.lastIndex(where: { $0.bound == .exact && $0.unit != .minute }) else { return nil }
            quantities[place].bound = outcome == "over" ? .above : .below
        default:
            let text = QuestionText(instrument.outcome ?? "")
            let names = WordReader(text, league: question.evidence.league).words
            guard !names.isEmpty else { return nil }
            // A handicap is that of the team which the question names.
            let isHandicap = words.contains { $0.text == "margin" }
            if isHandicap {
                guard let place = quantities.firstIndex(where: { $0.bound == .exact }), names.allSatisfy({ words.contains($0) }) else {
                    return nil
                }
                quantities[place].bound = .above
            }
            subject = names
            for name in names where !words.contains(where: { $0.text == name.text }) { words.append(name) }
        }
        return Statement(
            market: number, venue: market.venue, question,
            whenTrue: Statement.Answer(instrument: instrument.instrument, outcome: instrument.outcome),
            whenFalse: complement(of: instrument, in: market), words: words, subject: subject, quantities: quantities)
    }
}

import JSON
import MarketModel
import UnixTool

/// Rules that have a program.
extension DecideEngine {
    /// An instrument on which a rule's program has decided.
    struct ProgramPlace: Hashable {
        let rule: Int
        let venue: String
        let instrument: String
    }

    /// The places of the rules whose programs get the line that was read, which has been acted on.
    mutating func programs() throws -> [Int] {
        guard !router.programs.isEmpty, isCounted, let kind = decoder.kind else { return [] }
        let concerned: [Int]
        if kind.isMarketData {
            concerned = router.instruments[router.books[try router.book(of: decoder)].instrument].programs
        } else {
            let venue = try decoder.requireText(.venue).string
            concerned = router.programs.filter {
                let venues = rules.rules[$0].scope.venues
                return venues.isEmpty || venues.contains(venue)
            }
        }
        return concerned.filter { (rules.rules[$0].strategy as? ExternalStrategy)?.kinds.contains(kind) ?? false }
    }

    /// Writes what a program decided, unless the rule's cooldown keeps it silent.
    mutating func decide(_ answer: ProgramAnswer, ofRule index: Int, _ writer: inout LineWriter) throws {
        let rule = rules.rules[index]
        let place = ProgramPlace(rule: index, venue: answer.legs[0].venue, instrument: answer.legs[0].instrument)
        let assignment = programAssignments[place] ?? Assignment(rule, ruleIndex: index)
        programAssignments[place] = assignment
        assignment.rule = rule
        let silence = assignment.silenceMicros(at: answer.received)
        guard silence == 0 else {
            let name = answer.legs[0].label ?? answer.legs[0].instrument
            let what = answer.note ?? "its program has decided"
            explainer?.tell(assignment, at: name, answer.received, "\(what), but its cooldown has \(Durations.text(silence)) left")
            return
        }
        let ordinal = assignment.decide(at: answer.received)
        let start = writer.buffer.count
        decisionLine.write(answer, of: rule, ordinal, to: &writer.buffer)
        try writer.endLine(from: start)
        decisions[index] += 1
    }
}

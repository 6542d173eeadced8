import UnixTool

/// What whoever reads the page must know before the numbers: lines that are missing, sums that do not agree.
struct ReportNotes {
    private(set) var notes: [String] = []

    init(_ tally: borrowing ReportTally, skipped: Counters) {
        tellSkipped(skipped)
        tellLeftOut(tally)
        tellMixed(tally)
        tellDisagreements(tally)
    }

    private mutating func tellSkipped(_ skipped: Counters) {
        let reasons = skipped.sorted.filter { $0.count > 0 }
        let count = reasons.reduce(0) { $0 + $1.count }
        guard count > 0 else { return }
        let words = reasons.map { "\($0.name.dropFirst("skipped_".count)) \(Figure.grouped("\($0.count)"))" }.joined(separator: ", ")
        let verb = count == 1 ? "is" : "are"
        notes.append("\(ReportNotes.lines(count)) could not be read and \(verb) in no number of this page (\(words)).")
    }

    private mutating func tellLeftOut(_ tally: borrowing ReportTally) {
        if tally.linesOfOtherRules > 0 {
            let lines = ReportNotes.lines(tally.linesOfOtherRules)
            notes.append("\(lines) of rules beyond the first \(ReportTally.rulesMax) are in no number of this page.")
        }
        if tally.instruments.linesLeftOut > 0 {
            let bounds = "\(InstrumentLedger.instrumentsMax) of them and \(InstrumentLedger.holdingsMax) positions"
            let lines = ReportNotes.lines(tally.instruments.linesLeftOut)
            notes.append("\(lines) are left out of the table of instruments, which knows the first \(bounds).")
        }
    }

    private mutating func tellMixed(_ tally: borrowing ReportTally) {
        tellVersions(of: "sets of rules", tally.rulesHashes.count)
        tellVersions(of: "builds", tally.builds.count)
        if tally.stepsBack > 0 {
            let lines = ReportNotes.lines(tally.stepsBack)
            notes.append("Time runs backwards at \(lines): last values and drawdowns are in the order of lines, charts in that of time.")
        }
    }

    private mutating func tellVersions(of what: String, _ count: Int) {
        guard count > 1 else { return }
        let words = count > Provenance.keptMax ? "more than \(Provenance.keptMax)" : "\(count)"
        let isSure = what == "builds"
        notes.append("The decisions are of \(words) \(what): this is not one run\(isSure ? "" : ", unless a database has changed them").")
    }

    private mutating func tellDisagreements(_ tally: borrowing ReportTally) {
        if tally.contradictions > 0 {
            let lines = ReportNotes.lines(tally.contradictions)
            notes.append("The P&L of \(lines) is not its realized + unrealized − fees; it is shown as told.")
        }
        let unfilled = tally.rules.filter { $0.filled != $0.shares }
        if let rule = unfilled.first {
            notes.append(
                "Orders and fills do not agree for \(ReportNotes.rules(unfilled.count)): the orders of \(ReportNotes.name(rule)) "
                    + "tell \(Figure.exact(rule.filled)) shares filled, its fills add up to \(Figure.exact(rule.shares)).")
        }
        let unpaid = tally.rules.filter { rule in rule.balance.map { $0.fees != rule.fillFees } ?? false }
        if let rule = unpaid.first, let fees = rule.fees {
            notes.append(
                "Fees do not agree for \(ReportNotes.rules(unpaid.count)): the account of \(ReportNotes.name(rule)) has paid "
                    + "\(Figure.exact(fees)), its fills add up to \(Figure.exact(rule.fillFees)).")
        }
    }

    private static func name(_ rule: RuleTally) -> String { CutText.cut(rule.name, 80) }

    private static func lines(_ count: Int64) -> String { count == 1 ? "1 line" : "\(Figure.grouped("\(count)")) lines" }

    private static func rules(_ count: Int) -> String { count == 1 ? "1 rule" : "\(count) rules" }
}

extension Provenance {
    /// How many there are; one more than are kept for any more.
    var count: Int { texts.count + (hasMore ? 1 : 0) }
}

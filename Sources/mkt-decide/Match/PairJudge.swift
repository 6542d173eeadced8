/// Decides whether two statements may be the same, and how sure that is.
struct PairJudge {
    static let one: Int64 = 1_000_000

    let weights: WordWeights

    /// Millionths, above 0 to 1; nil where something speaks against it. The keys of both are the same.
    func confidence(_ left: Statement, _ right: Statement) -> Int64? {
        guard agreeInUnits(left, right), agreeInWords(left, right), let subject = subjectAgreement(left, right),
            let (precision, dateFactor) = dateAgreement(left.question, right.question),
            let closeFactor = closeFactor(left.question, right.question, precision: precision),
            let wordFactor = wordFactor(left, right)
        else { return nil }
        var (matched, all) = similarity(left, right)
        // Agreements beside the words count as words do.
        let agreed = Int64(left.quantities.count) * 4096 + Int64(precision) * 1024 + (subject ? 2048 : 0)
        matched += agreed
        all += 2 * agreed
        guard all > 0 else { return nil }
        var value = 2 * matched * PairJudge.one / all
        let isGuessed = left.question.isStrikeGuessed || right.question.isStrikeGuessed
        for factor in [dateFactor, closeFactor, wordFactor, isGuessed ? 930 : 1000] { value = value * factor / 1000 }
        return value > 0 ? min(value, PairJudge.one) : nil
    }

    // MARK: Words

    private func similarity(_ left: Statement, _ right: Statement) -> (matched: Int64, all: Int64) {
        let theirs = Set(right.words.map(\.text))
        var (matched, all): (Int64, Int64) = (0, 0)
        for word in left.words {
            all += weights[word]
            if theirs.contains(word.text) { matched += weights[word] }
        }
        for word in right.words { all += weights[word] }
        return (matched, all)
    }

    /// Of units that both tell, each is the other's; nor may one be enough for a moment and the other at its end.
    private func agreeInUnits(_ left: Statement, _ right: Statement) -> Bool {
        for (mine, theirs) in zip(left.quantities, right.quantities) {
            if mine.unit != theirs.unit, mine.unit != .none, theirs.unit != .none { return false }
            if mine.bound == .exact || mine.bound == .between { continue }
            let touches = [(mine, left), (theirs, right)].map { quantity, statement in
                PairJudge.touches(quantity, statement.question.dates)
            }
            if let one = touches[0], let other = touches[1], one != other { return false }
        }
        return true
    }

    private static func touches(_ quantity: Quantity, _ dates: [DateMention]) -> Bool? {
        if quantity.isTouch || dates.contains(where: { $0.timing == .deadline }) { return true }
        return dates.contains { $0.timing == .moment } ? false : nil
    }

    /// Offices, parties, directions and leagues that contradict each other.
    private func agreeInWords(_ left: Statement, _ right: Statement) -> Bool {
        let (mine, theirs) = (Set(left.words.map(\.text)), Set(right.words.map(\.text)))
        for kind in [WordList.offices, WordList.parties, WordList.directions] {
            let (one, other) = (mine.intersection(kind), theirs.intersection(kind))
            if !one.isEmpty, !other.isEmpty, one != other { return false }
        }
        if let one = left.question.evidence.league, let other = right.question.evidence.league, one != other { return false }
        return !mine.isDisjoint(with: theirs)
    }

    /// Names that stand on one side only: on both sides they are two questions, on one they make it less sure.
    private func wordFactor(_ left: Statement, _ right: Statement) -> Int64? {
        let (mine, theirs) = (Set(left.words.map(\.text)), Set(right.words.map(\.text)))
        let onlyLeft = left.words.count { isNaming($0) && !theirs.contains($0.text) }
        let onlyRight = right.words.count { isNaming($0) && !mine.contains($0.text) }
        guard onlyLeft == 0 || onlyRight == 0 else { return nil }
        let only = onlyLeft + onlyRight
        guard only > 0 else { return 1000 }
        let isNamed = left.words.contains { isNaming($0) && theirs.contains($0.text) }
        return isNamed ? max(1000 - 50 * Int64(only), 800) : 550
    }

    private func isNaming(_ word: WordReader.Word) -> Bool { word.isName || WordList.parties.contains(word.text) }

    // MARK: Who

    /// Whether both mean the same of two; nil where they do not, or where it is not known.
    private func subjectAgreement(_ left: Statement, _ right: Statement) -> Bool? {
        switch (left.subject, right.subject) {
        case (nil, nil): return left.question.isSubjectUnknown || right.question.isSubjectUnknown ? nil : false
        case (let mine?, let theirs?):
            let (one, other) = (Set(mine.map(\.text)), Set(theirs.map(\.text)))
            return !one.isDisjoint(with: other) && (one.isSubset(of: other) || other.isSubset(of: one)) ? true : nil
        default: return nil
        }
    }

    // MARK: When

    /// How exactly both tell the same date, and how sure that is in thousandths.
    private func dateAgreement(_ left: Question, _ right: Question) -> (precision: Int, factor: Int64)? {
        guard left.minutes.isEmpty || right.minutes.isEmpty || !left.minutes.isDisjoint(with: right.minutes) else { return nil }
        if left.dates.isEmpty, right.dates.isEmpty { return (0, 1000) }
        guard !left.dates.isEmpty, !right.dates.isEmpty else { return oneSided(left, right) }
        var factor: Int64 = 1000
        for (mine, theirs) in [(left.dates, right.dates), (right.dates, left.dates)] {
            for date in mine {
                switch theirs.map({ date.agreement($0) }).max() ?? 0 {
                case 2: break
                case 1: factor = 960
                default: return nil
                }
            }
        }
        let precision = [left.dates, right.dates].map { $0.map(\.date.precision).max() ?? 0 }.min() ?? 0
        let isYearKnown = (left.dates + right.dates).allSatisfy { $0.date.year != nil }
        return (precision, isYearKnown ? factor : factor * 850 / 1000)
    }

    /// One tells no date: its close must be where the other's date ends, or in it where that is only named.
    private func oneSided(_ left: Question, _ right: Question) -> (precision: Int, factor: Int64)? {
        let (dated, other) = left.dates.isEmpty ? (right, left) : (left, right)
        guard let closes = other.closes, let day = dated.dates.compactMap(\.lastDay).max() else { return nil }
        let slack = 36 * 60 * CloseTolerance.minute
        if dated.dates.allSatisfy({ $0.timing == .bare }), let first = dated.dates.compactMap({ $0.date.days?.lowerBound }).min() {
            let range = first * CloseTolerance.day - slack...(day + 1) * CloseTolerance.day + slack
            return range.contains(closes.micros) ? (2, 850) : nil
        }
        return abs(closes.micros - (day + 1) * CloseTolerance.day) <= slack ? (0, 900) : nil
    }

    private func closeFactor(_ left: Question, _ right: Question, precision: Int) -> Int64? {
        let hasTime = !left.minutes.isEmpty || !right.minutes.isEmpty
        guard let mine = left.closes, let theirs = right.closes else {
            return hasTime && (left.minutes.isEmpty || right.minutes.isEmpty) ? 700 : 850
        }
        let distance = abs(mine.micros.subtractingReportingOverflow(theirs.micros).partialValue)
        guard distance <= CloseTolerance.micros(precision: precision, hasTimeOfDay: hasTime) else { return nil }
        return distance <= 36 * 60 * CloseTolerance.minute ? 1000 : 970
    }
}

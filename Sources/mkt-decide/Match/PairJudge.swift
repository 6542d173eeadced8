/// Decides whether two statements may be the same, and how sure that is.
struct PairJudge {
    static let one: Int64 = 1_000_000
    /// The most that is said of two questions whose names stand in another order.
    private static let otherOrderMax: Int64 = 850_000

    private let statements: [Statement]
    private let bags: [WordBag]

    init(_ statements: [Statement]) {
        self.statements = statements
        let weights = WordWeights(statements)
        var numbers: [String: Int32] = [:]
        for statement in statements {
            for word in statement.words where numbers[word.text] == nil { numbers[word.text] = Int32(numbers.count) }
        }
        bags = statements.map { WordBag($0, numbers, weights) }
    }

    /// Millionths, above 0 to 1; nil where something speaks against it. The keys of both are the same.
    ///
    /// - Parameters: Places in the list; the smaller one first.
    func confidence(_ leftNumber: Int, _ rightNumber: Int) -> Int64? {
        guard let likeness = bags[leftNumber].likeness(bags[rightNumber]), let nameFactor = nameFactor(likeness) else { return nil }
        let (left, right) = (statements[leftNumber], statements[rightNumber])
        guard agreeInLeague(left, right), agreeInUnits(left, right), let subject = subjectAgreement(left, right),
            let (precision, dateFactor) = dateAgreement(left.question, right.question),
            let closeFactor = closeFactor(left.question, right.question, precision: precision)
        else { return nil }
        // Agreements beside the words count as words do.
        let agreed = Int64(left.quantities.count) * 4096 + Int64(precision) * 1024 + (subject ? 2048 : 0)
        var value = 2 * (likeness.matched + agreed) * PairJudge.one / (likeness.all + 2 * agreed)
        let isGuessed = left.question.isStrikeGuessed || right.question.isStrikeGuessed
        for factor in [dateFactor, closeFactor, nameFactor, isGuessed ? 930 : 1000] { value = value * factor / 1000 }
        let most = namesAgreeInOrder(left, right) ? PairJudge.one : PairJudge.otherOrderMax
        return value > 0 ? min(value, most) : nil
    }

    /// Of names that stand in another order it may be another who does something to another: that is for a person.
    private func namesAgreeInOrder(_ left: Statement, _ right: Statement) -> Bool {
        // Who of two wins is told apart by itself, whoever is named first.
        if left.subject != nil, right.subject != nil { return true }
        let (mine, theirs) = (left.words.filter(\.isName).map(\.text), right.words.filter(\.isName).map(\.text))
        return mine.filter(theirs.contains) == theirs.filter(mine.contains)
    }

    // MARK: What

    /// Names that stand on one side only: on both sides they are two questions, on one they make it less sure.
    private func nameFactor(_ likeness: WordBag.Likeness) -> Int64? {
        guard likeness.namesOnLeftOnly == 0 || likeness.namesOnRightOnly == 0 else { return nil }
        let only = likeness.namesOnLeftOnly + likeness.namesOnRightOnly
        if only == 0 { return 1000 }
        return likeness.sharesName ? max(1000 - 50 * Int64(only), 800) : 550
    }

    private func agreeInLeague(_ left: Statement, _ right: Statement) -> Bool {
        guard let mine = left.question.evidence.league, let theirs = right.question.evidence.league else { return true }
        return mine == theirs
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
        let end = (day + 1) * CloseTolerance.day
        return (end - slack...end + slack).contains(closes.micros) ? (0, 900) : nil
    }

    private func closeFactor(_ left: Question, _ right: Question, precision: Int) -> Int64? {
        let hasTime = !left.minutes.isEmpty || !right.minutes.isEmpty
        guard let mine = left.closes, let theirs = right.closes else {
            return hasTime && (left.minutes.isEmpty || right.minutes.isEmpty) ? 700 : 850
        }
        let (distance, overflow) = max(mine, theirs).micros.subtractingReportingOverflow(min(mine, theirs).micros)
        guard !overflow, distance <= CloseTolerance.micros(precision: precision, hasTimeOfDay: hasTime) else { return nil }
        return distance <= 36 * 60 * CloseTolerance.minute ? 1000 : 970
    }
}

/// A date of a question and what it is there for.
struct DateMention: Hashable {
    enum Timing: UInt8 {
        /// `on`, `at the end of`: how it stands then.
        case moment
        /// `by`, `before`, `until`: whether it has come to pass.
        case deadline
        /// `in`, `during`, `this`.
        case period
        /// Nothing says.
        case bare
    }

    var date: CivilDate
    var timing: Timing
    /// `before`: the day before the date is the last that counts.
    var isBefore = false
    /// `by 2027`, `by October`: its first day or its last, nobody can know.
    var isVague = false

    /// The last day that counts; nil where the year is not known.
    var lastDay: Int64? {
        guard let days = date.days else { return nil }
        return isBefore ? days.lowerBound - 1 : days.upperBound
    }

    /// Whether both can mean the same. 2: they do; 1: perhaps; 0: they do not.
    func agreement(_ other: DateMention) -> Int {
        switch (timing, other.timing) {
        case (.deadline, .deadline): return isVague == other.isVague ? sameEnd(other, 2) : 0
        case (.deadline, .period): return isVague || other.date.precision == 3 ? 0 : sameEnd(other, 1)
        case (.period, .deadline): return other.agreement(self)
        case (.deadline, _), (_, .deadline): return 0
        case (.moment, .period), (.period, .moment): return date.precision == other.date.precision ? sameDate(other, 1) : 0
        case (.bare, _), (_, .bare), (.moment, .moment): return sameDate(other, 2)
        case (.period, .period): return date.precision == other.date.precision ? sameDate(other, 2) : 0
        }
    }

    private func sameEnd(_ other: DateMention, _ value: Int) -> Int {
        guard let mine = lastDay, let theirs = other.lastDay else { return 0 }
        return mine == theirs ? value : 0
    }

    private func sameDate(_ other: DateMention, _ value: Int) -> Int {
        if date == other.date { return value }
        guard date.covers(other.date) || other.date.covers(date) else { return 0 }
        // Dates told as exactly differ in what they tell: only a year that one of them leaves out may be the other's.
        let isAsExact = date.precision == other.date.precision
        return isAsExact && date.year != nil && other.date.year != nil ? 0 : 1
    }
}

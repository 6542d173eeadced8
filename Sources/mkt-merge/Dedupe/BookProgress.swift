import MarketModel

/// How far into the venue's history a book reaches, as far as its lines tell: what two sources' books are compared by.
struct BookProgress {
    /// The latest time of the venue's that is told of something in it; nil where none is.
    private(set) var venueTime: Timestamp?
    /// How many changes of that time it has at least: the venue may put one time on several.
    private(set) var changeCount = 0
    /// These are all that it has, since the first of them came as a change.
    private(set) var isCounted = false
    /// The newest thing in it was told without a time, and may be later than `venueTime`.
    private(set) var isTimeless = true
    /// When the newest thing came, by the clock of the run.
    private(set) var newsAtMicros = Int64.min

    /// A whole book came.
    ///
    /// - Parameters:
    ///   - told: The venue's time of it. A time of its own is what it is of, also where it is older than one that was told before.
    ///   - heard: The newest time that its source has told of this book, now or before.
    mutating func takeSnapshot(_ told: Timestamp?, heard: Timestamp?, nowMicros: Int64) {
        venueTime = told ?? heard
        changeCount = 1
        isCounted = false
        isTimeless = told == nil
        newsAtMicros = nowMicros
    }

    mutating func takeChange(_ told: Timestamp?, nowMicros: Int64) {
        newsAtMicros = nowMicros
        guard let told else { return isTimeless = true }
        guard let venueTime, told <= venueTime else {
            venueTime = told
            changeCount = 1
            isCounted = true
            return isTimeless = false
        }
        if told == venueTime {
            changeCount += 1
            isTimeless = false
        }
    }

    enum Standing {
        /// It has all that the other has.
        case ahead
        /// It lacks something that the other has.
        case behind
        /// The times do not say.
        case unclear
        /// The same, though the newest time of both is one: equal levels are the same state.
        case level
    }

    /// How it stands to another book of the instrument, by the venue's times alone.
    func standing(to other: BookProgress) -> Standing {
        guard let mine = venueTime, let theirs = other.venueTime else { return .unclear }
        if mine > theirs { return other.isTimeless ? .unclear : .ahead }
        if isTimeless { return .unclear }
        if mine < theirs { return .behind }
        if other.isTimeless { return .unclear }
        guard other.isCounted else { return .level }
        return changeCount >= other.changeCount ? .ahead : .behind
    }
}

import MarketModel

/// Disagreement that is not yet a verdict: a burst, or a trade told late, looks like a lost message for a moment.
struct Suspicion {
    /// So many disagreements at different venue times in a row, …
    static let countMax = 3
    /// … or so long since the first of them, make a verdict.
    static let toleranceMicros: Int64 = 2_000_000

    private(set) var count = 0
    private(set) var since: Timestamp?
    private var venueMicros: Int64 = -1

    /// Another check disagreed. Messages of one venue millisecond are one burst and count once.
    mutating func note(at received: Timestamp, venueTime: Timestamp) {
        since = since ?? received
        if venueTime.micros != venueMicros { count += 1 }
        venueMicros = venueTime.micros
    }

    mutating func clear() { self = Suspicion() }

    var isOpen: Bool { since != nil }

    /// Whether it is a verdict by now.
    func isPersistent(at time: Timestamp) -> Bool {
        guard let since else { return false }
        return count >= Suspicion.countMax || time.micros(since: since) > Suspicion.toleranceMicros
    }

    /// When it becomes a verdict at the latest.
    var deadline: Timestamp? { since?.advanced(byMicros: Suspicion.toleranceMicros + 1) }
}

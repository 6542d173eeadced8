import MarketModel

/// The findings of one basket at sights in a row, with none between them that found nothing.
struct BasketRun {
    private var since: Timestamp?
    private var breaks = 0
    /// What was told last, or kept silent by the cooldown.
    private var told: BasketTotal?

    /// Takes a finding; it is news if it has been there for long enough and one of its numbers is not as it was told.
    ///
    /// - Parameter breaks: A number that grows with every break of a book, which ends a run.
    mutating func take(_ total: BasketTotal, breaks: Int, at now: Timestamp, holdMicros: Int64) -> GroupNews {
        if breaks != self.breaks { self = BasketRun() }
        self.breaks = breaks
        // A clock that was set back begins the wait anew.
        let start = since.map { min($0, now) } ?? now
        since = start
        let stoodMicros = now.micros(since: start)
        guard stoodMicros >= holdMicros else { return .missed(.young(total, micros: stoodMicros)) }
        guard total != told else { return .nothing }
        told = total
        return .found(total)
    }
}

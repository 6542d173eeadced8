import MarketModel

/// The clock of a run and the stream's time beside it.
struct DedupeTime {
    /// The clock that timers run on: ours, or for files the largest `recv_us` so far.
    private(set) var nowMicros = Int64.min
    /// `recv_us` of the line at hand.
    private(set) var lineReceived = Int64.min
    private var newestReceived = Int64.min
    private var newestAtMicros = Int64.min
    /// Nothing is due before it.
    private(set) var nextDueMicros = Int64.max

    /// A line comes, at this time of the run's clock.
    mutating func note(received: Int64, nowMicros: Int64) {
        pass(to: nowMicros)
        lineReceived = received
        guard received > newestReceived || newestReceived == .min else { return }
        newestReceived = received
        newestAtMicros = self.nowMicros
    }

    /// Time never runs backwards.
    mutating func pass(to nowMicros: Int64) { self.nowMicros = max(self.nowMicros, nowMicros) }

    /// The stream's time now: the largest `recv_us` and what has passed since it came.
    var streamMicros: Int64 {
        let passed = Timestamp(micros: nowMicros).micros(since: Timestamp(micros: newestAtMicros))
        return Timestamp(micros: newestReceived).advanced(byMicros: passed).micros
    }

    mutating func expect(_ dueMicros: Int64?) {
        if let dueMicros { nextDueMicros = min(nextDueMicros, dueMicros) }
    }

    /// Everything that was expected has been looked at anew.
    mutating func expectNothing() { nextDueMicros = .max }
}

import MarketModel

/// The pace of REST questions: below what the venue refills, and slower after a 429, which comes without a Retry-After.
///
/// Without a key the venue has been seen to let some 60 questions through at once and 20 a second after that (dossier §6.1). A bucket
/// of our own stays well below, since others may share the address.
struct KalshiGate {
    private static let burst = 20
    private static let usualMicros: Int64 = 100_000
    private static let microsMax: Int64 = 1_000_000
    /// Questions in the background leave so much of the bucket to others.
    private static let reserve = 10

    private var tokens = KalshiGate.burst
    private var filled: Timestamp?
    /// The time in which one question is refilled.
    private var refillMicros = KalshiGate.usualMicros
    private var closedUntil = Timestamp(micros: 0)
    private var refusedCount = 0

    private mutating func refill(at time: Timestamp) {
        guard let last = filled else { return filled = time }
        let count = time.micros(since: last) / refillMicros
        guard count > 0 else { return }
        tokens = Int(min(Int64(KalshiGate.burst), Int64(tokens) + count))
        filled = last.advanced(byMicros: count * refillMicros)
    }

    /// Whether one question may go out now; it is counted if so.
    mutating func take(isUrgent: Bool = true, at time: Timestamp) -> Bool {
        refill(at: time)
        guard time >= closedUntil, tokens > (isUrgent ? 0 : KalshiGate.reserve) else { return false }
        tokens -= 1
        return true
    }

    /// A 429: nothing for a second and some, then slower.
    ///
    /// - Parameter jitterMicros: by chance, so that processes that were refused together do not come back together.
    mutating func refused(jitterMicros: Int64, at time: Timestamp) {
        closedUntil = max(closedUntil, time.advanced(byMicros: 1_000_000 + jitterMicros))
        refillMicros = min(refillMicros * 2, KalshiGate.microsMax)
        tokens = min(tokens, 1)
        filled = closedUntil
    }

    /// An answer: after a good many the usual pace comes back.
    mutating func answered() {
        guard refillMicros > KalshiGate.usualMicros else { return }
        refusedCount += 1
        guard refusedCount >= 50 else { return }
        refusedCount = 0
        refillMicros = max(KalshiGate.usualMicros, refillMicros / 2)
    }

    /// When a question may go out that may not now.
    func nextOpening(isUrgent: Bool = true) -> Timestamp {
        let missing = (isUrgent ? 1 : KalshiGate.reserve + 1) - tokens
        let refilled = (filled ?? closedUntil).advanced(byMicros: Int64(max(missing, 0)) * refillMicros)
        return max(closedUntil, refilled)
    }
}

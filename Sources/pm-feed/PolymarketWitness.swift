import MarketModel

/// What REST has shown of a token that its socket has not: a book that changed later than the last message.
///
/// REST may be read while the message is still on its way, and has shown books that never were. So one answer is suspicion, and a second
/// one after a while, still ahead of the socket, is a verdict (venues dossier §2.10, §6 no. 1, 2 and 16).
struct PolymarketWitness {
    /// The slowest message that was measured took 4.3 s (dossier §2.8).
    static let patienceMicros: Int64 = 5_000_000
    /// A suspicion that nobody has confirmed for so long is none.
    static let forgottenMicros: Int64 = 120_000_000

    /// The venue's time of the book that REST showed first.
    let venueTime: Timestamp
    /// When it was seen.
    let seen: Timestamp

    /// Whether an answer at `time` that is still ahead of the socket confirms it.
    func isConfirmed(at time: Timestamp) -> Bool {
        time.micros(since: seen) >= PolymarketWitness.patienceMicros && !isForgotten(at: time)
    }

    func isForgotten(at time: Timestamp) -> Bool { time.micros(since: seen) > PolymarketWitness.forgottenMicros }
}

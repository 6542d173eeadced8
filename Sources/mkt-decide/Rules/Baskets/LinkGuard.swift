import MarketModel

/// Watches whether the prices of a link say the contrary of its relation, which a link put in the wrong way round would look like.
///
/// `same` means that the mids agree, `inverse` that they add up to a dollar. Where the other relation holds closely and the link's own is
/// far off, the link looks inverted; where both hold (around 0.50), nothing can be told.
struct LinkGuard {
    enum Verdict: Equatable {
        case fine
        /// It looks inverted: no decision on it now.
        case suspect
        /// It has looked so for long: no decision on it ever again.
        case held
    }

    /// Twice 0.03 dollars in millionths: so closely holds a relation that is true.
    static let nearDoubled: Int64 = 60_000
    /// Twice 0.1 dollars: so far off is one that is not.
    static let farDoubled: Int64 = 200_000
    /// A link that looks inverted for so long is held.
    static let patienceMicros: Int64 = 60_000_000

    let isInverse: Bool
    /// Since when it has looked inverted at every sight; nil if it does not.
    private(set) var since: Timestamp?
    private(set) var verdict = Verdict.fine

    init(isInverse: Bool) { self.isInverse = isInverse }

    /// Looks at twice the mids of both, in millionths; without one of them nothing changes. True when the link is held from now on.
    mutating func look(_ left: Int64?, _ right: Int64?, at now: Timestamp) -> Bool {
        guard verdict != .held, let left, let right else { return false }
        let apart = abs(left - right)
        let offOne = abs(left + right - 2 * Price.one.millionths)
        let (own, other) = isInverse ? (offOne, apart) : (apart, offOne)
        guard other <= LinkGuard.nearDoubled, own > LinkGuard.farDoubled else {
            since = nil
            verdict = .fine
            return false
        }
        // A clock that was set back begins the wait anew.
        let start = since.map { min($0, now) } ?? now
        since = start
        verdict = now.micros(since: start) >= LinkGuard.patienceMicros ? .held : .suspect
        return verdict == .held
    }
}

import MarketModel

/// A rule in charge of one instrument: what holds across all books of that instrument.
final class Assignment {
    /// Another one when a database says its keys another way.
    var rule: Rule
    /// The place of the rule among all.
    let ruleIndex: Int
    private var lastDecision: Timestamp?
    /// Kept when the rule leaves the instrument and comes back, so that no id comes twice.
    private(set) var ordinals: DecisionOrdinals

    init(_ rule: Rule, ruleIndex: Int, ordinals: DecisionOrdinals = DecisionOrdinals()) {
        self.rule = rule
        self.ruleIndex = ruleIndex
        self.ordinals = ordinals
    }

    /// Microseconds for which the rule still has to be silent here; 0 if it may speak.
    ///
    /// Time runs by the stream. A clock that was set back by more than the cooldown ends it, too.
    func silenceMicros(at time: Timestamp) -> Int64 {
        guard rule.cooldownMicros > 0, let lastDecision else { return 0 }
        let elapsed = time.micros(since: lastDecision).magnitude
        return elapsed < UInt64(rule.cooldownMicros) ? rule.cooldownMicros - Int64(elapsed) : 0
    }

    /// Notes a decision and gives its ordinal among those of the same moment.
    func decide(at time: Timestamp) -> DecisionOrdinals.Ordinal {
        lastDecision = time
        return ordinals.next(at: time)
    }
}

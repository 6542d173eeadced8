import Logging
import MarketModel
import UnixTool

/// Tells on standard error why a rule did not fire that nearly did: at most once a rule and second of the stream.
struct Explainer {
    private static let quietMicros: Int64 = 1_000_000

    private let logger: Logger
    private var lastTold: [Timestamp?]
    private var untold: [Int64]

    init(_ rules: RuleSet, _ logger: Logger) {
        self.logger = logger
        lastTold = Array(repeating: nil, count: rules.rules.count)
        untold = Array(repeating: 0, count: rules.rules.count)
    }

    mutating func tell(_ assignment: Assignment, on trigger: Trigger, _ what: String) {
        tell(assignment, at: (trigger.label ?? trigger.instrument).string, trigger.received, what)
    }

    /// The same where no line is the reason, but time.
    mutating func tell(_ assignment: Assignment, at name: String, _ time: Timestamp, _ what: String) {
        let index = assignment.ruleIndex
        if let last = lastTold[index], time.micros(since: last).magnitude < UInt64(Explainer.quietMicros) {
            untold[index] += 1
            return
        }
        let more = untold[index] > 0 ? " (\(untold[index]) more were not told)" : ""
        logger.notice("rule \(assignment.rule.name) at \(name), recv_us \(time.micros): \(what)\(more)")
        lastTold[index] = time
        untold[index] = 0
    }

    /// At the end: the rules that never found an instrument to look at.
    func tellIdle(_ rules: RuleSet, assigned: Set<Int>) {
        for (index, rule) in rules.rules.enumerated() where !assigned.contains(index) {
            logger.notice("rule \(rule.name) concerned no instrument of this input (\(rule.scope.summary))")
        }
    }

    /// At the end: the instruments of approved links that never came.
    func tellMissing(_ ends: [Link.End]) {
        for end in ends { logger.notice("linked instrument \(end.venue) \(end.instrument) never showed up in this input") }
    }
}

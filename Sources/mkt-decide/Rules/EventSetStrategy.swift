import TOML
import UnixTool

/// Fires when all outcomes of an event, of which exactly one comes true, are asked for less than a dollar together, or bid for more.
struct EventSetStrategy: BasketStrategy {
    static let name = "event_set"
    /// More would not fit in the sums of `BasketWalk`.
    static let outcomesMax = 128

    let limits: BasketLimits
    /// Event ids, and how many outcomes each has.
    let events: [String: Int]

    init(_ reader: inout RuleReader) throws(ToolFailure) {
        let expectation =
            "a table of event ids and their numbers of outcomes (2 to \(EventSetStrategy.outcomesMax)), "
            + "such as { \"who-wins\" = 3 }"
        guard let entries = try reader.entries("events", expectation: expectation), !entries.isEmpty else {
            throw reader.failure("events is missing or empty; give \(expectation)")
        }
        var events: [String: Int] = [:]
        for (event, value) in entries {
            guard case .integer(let count) = value.content, (2...Int64(EventSetStrategy.outcomesMax)).contains(count) else {
                throw reader.failure(
                    at: "events", "events of '\(event)' is \(value.plainText.map { "'\($0)'" } ?? value.kindName); give \(expectation)")
            }
            events[event] = Int(count)
        }
        self.events = events
        limits = try BasketLimits(&reader)
    }

    var source: GroupSource { .events(events) }

    var values: [String: RuleValue] {
        limits.values.merging(["events": .table(events.mapValues { .integer(Int64($0)) })]) { $1 }
    }

    var summary: String {
        let sorted = events.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return "all outcomes of " + sorted.map { "\($0.key) (\($0.value))" }.joined(separator: ", ") + " earn \(limits.summary)"
    }
}

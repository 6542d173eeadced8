import MarketModel
import Reference
import UnixTool

/// Fires when the mid is far from its own history: `|z| ≥ min_z`, after it was nearer at the sight before.
///
/// `z = (mid - mean) / deviation` over the prices of the last `window` that the database has of the instrument, the deviation being that of
/// a sample (divided by `n - 1`). Nothing is divided here: squares are compared, exact.
struct AnomalyStrategy: BookStrategy {
    struct Memory: StrategyMemory {
        var reference: InstrumentReference?
        var isFar = false

        mutating func take(_ reference: InstrumentReference?) { self.reference = reference }
    }

    static let name = "anomaly"
    let windowMicros: Int64
    /// Deviations in millionths.
    let minZ: Int64
    let minCount: Int64

    init(_ reader: inout RuleReader) throws(ToolFailure) {
        windowMicros = try reader.requireSpan("window", least: 1)
        minZ = try reader.requireDecimal("min_z", in: 1...1_000_000_000, expectation: "deviations above 0 and up to 1000, such as 3")
        minCount = try reader.requireCount("min_count", in: 2...1_000_000_000)
    }

    var values: [String: RuleValue] {
        ["min_count": .integer(minCount), "min_z": .millionths(minZ), "window_us": .integer(windowMicros)]
    }

    var summary: String {
        "the mid is \(ExactText.millionths(minZ)) deviations from its mean over \(Durations.text(windowMicros)), of \(minCount) prices or more"
    }

    var historyMicros: Int64? { windowMicros }

    func see(_ slot: BookSlot, _ memory: inout Memory) -> Finding? {
        guard let mid = slot.top.doubleMidMillionths, let history = memory.reference?.history[windowMicros],
            history.count >= minCount
        else {
            memory.isFar = false
            return nil
        }
        let wasFar = memory.isFar
        memory.isFar = ZScore(doubleMid: mid, history).reaches(minZ)
        return memory.isFar && !wasFar ? Finding(note(mid, history, ">=")) : nil
    }

    func nearMiss(_ slot: BookSlot, _ memory: Memory) -> String? {
        guard let mid = slot.top.doubleMidMillionths else { return nil }
        guard let history = memory.reference?.history[windowMicros] else { return "the database has no history of it" }
        guard history.count >= minCount else { return "the database has \(history.count) prices of \(minCount)" }
        return !memory.isFar && ZScore(doubleMid: mid, history).reaches(minZ / 5 * 4) ? note(mid, history, "<").text : nil
    }

    /// `mid 0.47 is 3.27 >= 3 deviations from 0.41 (600 prices of 24h)`; the first and the mean are cut, not rounded.
    private func note(_ mid: Int64, _ history: HistoryStatistics, _ relation: StaticString) -> Note {
        let z = ZScore(doubleMid: mid, history).hundredths
        let mean = Int64(history.sum / Int128(history.count))
        let farness = z.map { ExactText.millionths($0 * 10_000) } ?? "more than 1000"
        return """
            mid \(half: mid) is \(farness) \(relation) \(millionths: minZ) deviations from \(millionths: mean) \
            (\(history.count) prices of \(Durations.text(windowMicros)))
            """
    }
}

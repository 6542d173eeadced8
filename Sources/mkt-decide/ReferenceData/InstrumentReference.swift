import Reference

/// What a database says of one instrument.
final class InstrumentReference: Sendable {
    /// In millionths, by name.
    let values: [String: Int64]
    /// By the length of the window in microseconds.
    let history: [Int64: HistoryStatistics]

    init(values: [String: Int64] = [:], history: [Int64: HistoryStatistics] = [:]) {
        self.values = values
        self.history = history
    }

    /// All that is said, by instrument.
    static func all(of data: ReferenceData) -> [Link.End: InstrumentReference] {
        var values: [Link.End: [String: Int64]] = [:]
        var history: [Link.End: [Int64: HistoryStatistics]] = [:]
        for value in data.values {
            values[Link.End(venue: value.venue, instrument: value.instrument), default: [:]][value.name] = value.millionths
        }
        for part in data.history {
            history[Link.End(venue: part.venue, instrument: part.instrument), default: [:]][part.windowMicros] = part
        }
        return Dictionary(
            uniqueKeysWithValues: Set(values.keys).union(history.keys).map { end in
                (end, InstrumentReference(values: values[end] ?? [:], history: history[end] ?? [:]))
            })
    }
}

import JSON
public import MarketModel

/// Writes `stage_status` lines: how a stage that is no feed tells of itself in the stream.
public struct StageStatus: Sendable {
    /// What lines say that are of no venue.
    public static let venue = "mktpipe"

    private let origin: EventOrigin
    private let stage: String

    public init(stage: String) {
        self.stage = stage
        origin = EventOrigin(feed: stage, venue: StageStatus.venue)
    }

    public func write(_ state: StaticString, _ counters: Counters, at time: Timestamp, to writer: inout LineWriter) throws {
        let start = writer.buffer.count
        writer.buffer.beginEvent(.stageStatus, origin, received: time)
        writer.buffer.append(.stage, string: stage)
        writer.buffer.append(.state, word: state)
        writer.buffer.append(.counters, counters: counters.sorted)
        writer.buffer.endEvent()
        try writer.endLine(from: start)
    }
}

extension Counters {
    /// Adds the percentiles of a latency, in microseconds.
    public mutating func set(_ latency: LatencyHistogram) {
        guard latency.total > 0 else { return }
        set("latency_us_p50", latency.percentile(50))
        set("latency_us_p90", latency.percentile(90))
        set("latency_us_p99", latency.percentile(99))
        set("latency_us_max", latency.max)
    }
}

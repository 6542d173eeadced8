import UnixTool

/// For how long segments are read: until a signal comes, or time is up.
struct SegmentWait {
    /// By the monotonic clock; nil for no end.
    private let endMicros: Int64?

    init(durationMicros: Int64?) {
        endMicros = durationMicros.map { Clock.monotonicMicros() + $0 }
    }

    /// - Throws: If nobody waits any more: an answer from a part of the lines would be none.
    func look(_ path: String) throws(ToolFailure) {
        guard !Signals.isStopAsked else {
            throw ToolFailure(.tryLater, "ended by a signal while \(path) was read, before all was; start again")
        }
        if let endMicros, Clock.monotonicMicros() >= endMicros {
            throw ToolFailure(.tryLater, "time was up while \(path) was read, before all was; raise --duration")
        }
    }
}

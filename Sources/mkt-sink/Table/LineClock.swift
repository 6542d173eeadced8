import MarketModel
import UnixTool

/// The clocks of ages and rates: real ones where lines come as they happen, the stream's own where they are read from a file.
///
/// Live seconds are those of the monotonic clock, which nobody sets; it is asked once for all the lines of one read.
struct LineClock {
    let isLive: Bool
    private var asked: Int64?

    init(isLive: Bool) { self.isLive = isLive }

    /// The second in which the line that is taken now came; nil for the stream's own clock.
    mutating func lineSecond() -> Int64? {
        guard isLive else { return nil }
        if let asked { return asked }
        let now = LineClock.liveSecond()
        asked = now
        return now
    }

    /// The second of live lines.
    static func liveSecond() -> Int64 { Clock.monotonicMicros() / 1_000_000 }

    /// The second that rates are counted back from.
    ///
    /// - Parameter latest: The stream's clock.
    func second(_ latest: Timestamp) -> Int64 { isLive ? LineClock.liveSecond() : now(latest).second }

    /// Time may have passed.
    mutating func forget() { asked = nil }

    /// - Parameter latest: The stream's clock.
    func now(_ latest: Timestamp) -> Timestamp {
        isLive ? Clock.now() : latest.micros == .min ? Timestamp(micros: 0) : latest
    }
}

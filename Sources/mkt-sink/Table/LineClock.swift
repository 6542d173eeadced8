import MarketModel
import UnixTool

/// The clock of ages and rates: real where lines come as they happen, the stream's own where they are read from a file.
///
/// The real one is asked once for all the lines of one read.
struct LineClock {
    let isLive: Bool
    private var second: Int64?

    init(isLive: Bool) { self.isLive = isLive }

    /// The second in which the line that is taken now came; nil for the stream's own clock.
    mutating func lineSecond() -> Int64? {
        guard isLive else { return nil }
        if let second { return second }
        let now = Clock.now().second
        second = now
        return now
    }

    /// Time may have passed.
    mutating func forget() { second = nil }

    /// - Parameter latest: The stream's clock.
    func now(_ latest: Timestamp) -> Timestamp {
        isLive ? Clock.now() : latest.micros == .min ? Timestamp(micros: 0) : latest
    }
}

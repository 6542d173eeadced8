import MarketModel

/// The real time, without its steps back: what is told later never has an earlier time.
///
/// Between readings it runs with the monotonic clock. When the system's clock is found ahead it is followed at once; when it is
/// found behind, ours runs at half speed until they meet.
struct SteadyClock {
    /// Clocks that differ by less agree.
    private static let toleranceMicros: Int64 = 1000

    private var last: (real: Int64, monotonic: Int64)
    /// How far the system's clock was behind at the last reading; for a warning when it is much.
    private(set) var behindMicros: Int64 = 0

    init(realMicros: Int64, monotonicMicros: Int64) {
        last = (realMicros, monotonicMicros)
    }

    /// The time now, from what the system's clocks say.
    mutating func read(realMicros: Int64, monotonicMicros: Int64) -> Timestamp {
        let passed = max(0, monotonicMicros - last.monotonic)
        let steady = last.real + passed
        behindMicros = max(0, steady - realMicros)
        if behindMicros > SteadyClock.toleranceMicros {
            // Half of a long pause may be more than there was to lose: then they have met.
            last.real = max(last.real + passed / 2, realMicros)
        } else {
            last.real = max(last.real, realMicros)
        }
        last.monotonic = monotonicMicros
        return Timestamp(micros: last.real)
    }
}

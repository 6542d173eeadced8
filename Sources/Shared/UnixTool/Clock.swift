import Glibc
public import MarketModel

/// The system's clocks. Stages are handed one from their doorway and read no other.
public enum Clock {
    /// Microseconds since 1970.
    public static func now() -> Timestamp {
        Timestamp(micros: read(CLOCK_REALTIME))
    }

    /// Microseconds that only ever grow, for waiting.
    public static func monotonicMicros() -> Int64 { read(CLOCK_MONOTONIC) }

    private static func read(_ id: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(id, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}

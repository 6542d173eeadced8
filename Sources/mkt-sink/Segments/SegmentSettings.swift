import UnixTool

/// What a target of segments runs by.
struct SegmentSettings: Sendable {
    /// The clocks, so that tests have their own.
    struct Clocks: Sendable {
        /// Microseconds since 1970.
        var wallMicros: @Sendable () -> Int64 = { Clock.now().micros }
        var monotonicMicros: @Sendable () -> Int64 = { Clock.monotonicMicros() }
    }

    let directory: String
    var rotation = Rotation.standard
    /// The program of `--compress` and its arguments; empty for none.
    var compressWords: [String] = []
    /// Whether lines come as they happen, so that spans end by the clock.
    var isLive = false
    /// How long the end waits for `--compress`.
    var drainMicros: Int64 = 10_000_000
    var clocks = Clocks()
}

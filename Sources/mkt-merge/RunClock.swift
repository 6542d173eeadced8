import UnixTool

/// The times of a run: heartbeats, `--duration`, and the drain after a first signal. Pure: the clock is handed in.
struct RunClock {
    private let settings: CommonSettings
    private let startMicros: Int64
    private var lastBeatMicros: Int64
    private var stopMicros: Int64?

    init(_ settings: CommonSettings, startMicros: Int64) {
        self.settings = settings
        self.startMicros = startMicros
        lastBeatMicros = startMicros
    }

    var isStopping: Bool { stopMicros != nil }

    /// The first signal came: the input is read on to its end, for at most `--drain`.
    mutating func stop(nowMicros: Int64) { stopMicros = nowMicros }

    /// Whether time is up.
    func isOver(nowMicros: Int64) -> Bool {
        if let stopMicros, nowMicros - stopMicros >= settings.drainMicros { return true }
        if let duration = settings.durationMicros, nowMicros - startMicros >= duration { return true }
        return false
    }

    /// Whether a heartbeat is due; the next one is counted from it.
    mutating func takeBeat(nowMicros: Int64) -> Bool {
        guard let heartbeat = settings.heartbeatMicros, nowMicros - lastBeatMicros >= heartbeat else { return false }
        lastBeatMicros = nowMicros
        return true
    }

    /// How long nothing of this is due.
    func waitMicros(nowMicros: Int64) -> Int64 {
        var wait = Int64.max
        if let heartbeat = settings.heartbeatMicros { wait = min(wait, heartbeat - (nowMicros - lastBeatMicros)) }
        if let duration = settings.durationMicros { wait = min(wait, duration - (nowMicros - startMicros)) }
        if let stopMicros { wait = min(wait, settings.drainMicros - (nowMicros - stopMicros)) }
        return max(wait, 0)
    }
}

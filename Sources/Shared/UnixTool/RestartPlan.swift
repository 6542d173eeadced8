/// When a program that ended is started again: 1 s after its end, then 2 s, 4 s … 30 s; 1 s again once it has run for a minute.
struct RestartPlan {
    private static let leastMicros: Int64 = 1_000_000
    private static let mostMicros: Int64 = 30_000_000
    private static let steadyMicros: Int64 = 60_000_000

    /// Ends in a row, none of them after a minute or more.
    private var failures: Int64 = 0
    /// When it is due; nil before the first end.
    private(set) var dueMicros: Int64?

    /// Notes an end, and gives how long to wait.
    mutating func note(startMicros: Int64, nowMicros: Int64) -> Int64 {
        if nowMicros - startMicros >= RestartPlan.steadyMicros { failures = 0 }
        let wait = min(RestartPlan.leastMicros << min(failures, 8), RestartPlan.mostMicros)
        failures += 1
        dueMicros = nowMicros + wait
        return wait
    }
}

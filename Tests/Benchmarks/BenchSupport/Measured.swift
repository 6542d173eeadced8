internal import CallgrindMarks
internal import CountedAllocation
internal import Glibc

/// What one run cost.
public struct Cost: Sendable {
    public let nanos: Int64
    public let allocations: Int

    /// Runs and times `run`, and makes sure that it did its work.
    public static func measure(_ run: HotRun) throws -> Cost {
        let allocations = mktpipe_allocation_count()
        let start = nanosNow()
        let result = try run.body()
        let nanos = nanosNow() - start
        let cost = Cost(nanos: nanos, allocations: Int(mktpipe_allocation_count() - allocations))
        try run.verify(result)
        return cost
    }

    /// Whether instructions are counted: without that a gate would compare nothing.
    public static var isCounted: Bool { mktpipe_is_counted() != 0 }

    /// Runs `run` between two words to callgrind, which keeps the count under `name`.
    public static func count(_ run: HotRun, as name: String) throws {
        mktpipe_count_begin()
        let result: Int
        do {
            defer { mktpipe_count_end(name) }
            result = try run.body()
        }
        try run.verify(result)
    }

    private static func nanosNow() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

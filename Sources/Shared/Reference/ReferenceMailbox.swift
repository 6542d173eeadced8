import Synchronization
import UnixTool

/// What the loading thread and the tool share beside the news: what is asked for, and what is counted.
final class ReferenceMailbox: Sendable {
    /// Readable when somebody wants a load.
    let asked: WakePipe
    /// Readable once all is over; never quiet again.
    let stopped: WakePipe
    private let isStopping = Atomic<Bool>(false)

    private let loads = Atomic<Int64>(0)
    private let failures = Atomic<Int64>(0)
    private let changes = Atomic<Int64>(0)
    /// Of the clock that only grows; -1 before the first load.
    private let loadedMicros = Atomic<Int64>(-1)

    init() throws(ToolFailure) {
        asked = try WakePipe()
        stopped = try WakePipe()
    }

    var isStopped: Bool { isStopping.load(ordering: .relaxed) }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
        stopped.ring()
    }

    func noteLoad(atMicros micros: Int64) {
        loads.add(1, ordering: .relaxed)
        loadedMicros.store(micros, ordering: .relaxed)
    }

    func noteChange() { changes.add(1, ordering: .relaxed) }

    func noteFailure() { failures.add(1, ordering: .relaxed) }

    func count(in counters: inout Counters, nowMicros: Int64) {
        counters.set("reference_loads", loads.load(ordering: .relaxed))
        counters.set("reference_failures", failures.load(ordering: .relaxed))
        counters.set("reference_changes", changes.load(ordering: .relaxed))
        let loaded = loadedMicros.load(ordering: .relaxed)
        if loaded >= 0 { counters.set("reference_age_us", max(nowMicros - loaded, 0)) }
    }
}

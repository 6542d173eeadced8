import Synchronization
import UnixTool

/// Batches on their way from one thread to another, in order.
final class BatchQueue: Sendable {
    private struct State {
        var batches: [RecordingBatch] = []
        /// Somebody has found it empty and waits for a ring.
        var isAwaited = false
        var isClosed = false
    }

    enum Answer {
        case batch(RecordingBatch)
        /// Nothing yet; `wake` is rung when there is.
        case nothing
        case closed
    }

    /// Rung once there is something after `nothing` was answered.
    let wake: WakePipe
    private let state = Mutex(State())

    init() throws(ToolFailure) { wake = try WakePipe() }

    /// Hands a batch over.
    func put(_ batch: RecordingBatch) {
        change { $0.batches.append(batch) }
    }

    /// Nothing more is taken from it.
    func close() {
        change { $0.isClosed = true }
    }

    /// The next batch. Never waits.
    func take() -> Answer {
        state.withLock { state in
            if state.isClosed { return .closed }
            guard state.batches.isEmpty else { return .batch(state.batches.removeFirst()) }
            state.isAwaited = true
            return .nothing
        }
    }

    private func change(_ body: (inout sending State) -> Void) {
        let wasAwaited = state.withLock { state in
            body(&state)
            defer { state.isAwaited = false }
            return state.isAwaited
        }
        if wasAwaited { wake.ring() }
    }
}

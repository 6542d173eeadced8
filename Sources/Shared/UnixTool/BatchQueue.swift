import Synchronization

/// Batches on their way from one thread to another, in order.
public final class BatchQueue<Batch: Sendable>: Sendable {
    private struct State {
        var batches: [Batch] = []
        /// Somebody has found it empty and waits for a ring.
        var isAwaited = false
        var isClosed = false
    }

    public enum Answer {
        case batch(Batch)
        /// Nothing yet; `wake` is rung when there is.
        case nothing
        case closed
    }

    /// Rung once there is something after `nothing` was answered.
    public let wake: WakePipe
    private let state = Mutex(State())

    /// Fails only where the process has no descriptors left.
    public init() throws(ToolFailure) { wake = try WakePipe() }

    /// Hands a batch over. Gives whether somebody had to wait for it.
    @discardableResult
    public func put(_ batch: Batch) -> Bool {
        change { $0.batches.append(batch) }
    }

    /// Nothing more is taken from it.
    public func close() {
        _ = change { $0.isClosed = true }
    }

    /// The next batch. Never waits.
    public func take() -> Answer {
        state.withLock { state in
            if state.isClosed { return .closed }
            guard state.batches.isEmpty else { return .batch(state.batches.removeFirst()) }
            state.isAwaited = true
            return .nothing
        }
    }

    private func change(_ body: (inout sending State) -> Void) -> Bool {
        let wasAwaited = state.withLock { state in
            body(&state)
            defer { state.isAwaited = false }
            return state.isAwaited
        }
        if wasAwaited { wake.ring() }
        return wasAwaited
    }
}

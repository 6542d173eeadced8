import Synchronization

/// The latest of something that one thread makes and another one takes when it likes.
final class LatestNews<Value: Sendable>: Sendable {
    /// Looked at once for each line of the stream, so it is one plain load.
    private let isThere = Atomic<Bool>(false)
    private let latest = Mutex<Value?>(nil)

    @inline(__always)
    func take() -> Value? {
        guard isThere.load(ordering: .relaxed) else { return nil }
        return takeSlowly()
    }

    @inline(never)
    private func takeSlowly() -> Value? {
        latest.withLock { latest in
            isThere.store(false, ordering: .relaxed)
            let value = latest
            latest = nil
            return value
        }
    }

    /// Puts it in the place of an older one that nobody took.
    func put(_ value: Value) {
        latest.withLock { latest in
            latest = value
            isThere.store(true, ordering: .relaxed)
        }
    }
}

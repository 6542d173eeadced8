import Glibc

/// What a thread fills batches with.
public protocol BatchFiller: ~Copyable, SendableMetatype {
    associatedtype Batch: Sendable
    /// Forgets what the batch holds and reads into it. False where nothing follows.
    ///
    /// - Parameter isLate: Whoever takes the batches in had to wait for the one before: what both can do is better left to them.
    mutating func fill(_ batch: Batch, isLate: Bool) -> Bool
}

/// Reads a file on a thread of its own, some batches ahead of whoever takes them in.
///
/// Memory is bounded: there are so many batches, and the thread waits until one comes back.
public final class ReadAhead<Batch: Sendable> {
    /// The thread is between two batches soon, unless it waits for a disk; then the process ends without it.
    private static var stopMillisMax: Int32 { 1000 }

    private let full: BatchQueue<Batch>
    private let free: BatchQueue<Batch>
    private let thread: BackgroundThread

    /// As many as there have to be: one is taken in, one waits, one is being filled.
    public static func batches(_ make: () -> Batch) -> [Batch] { (0..<3).map { _ in make() } }

    /// Starts to read. Fails only where the system gives no thread or descriptor.
    ///
    /// - Parameters:
    ///   - batches: All that there are.
    ///   - start: Makes on the thread what fills them.
    public init<Filler: BatchFiller & ~Copyable>(
        _ batches: [Batch], _ start: @escaping @Sendable () -> Filler
    ) throws(ToolFailure) where Filler.Batch == Batch {
        let (full, free) = (try BatchQueue<Batch>(), try BatchQueue<Batch>())
        for batch in batches { free.put(batch) }
        (self.full, self.free) = (full, free)
        thread = try BackgroundThread {
            var filler = start()
            var (isOver, isLate) = (false, false)
            while !isOver, let batch = ReadAhead.next(of: free) {
                isOver = !filler.fill(batch, isLate: isLate)
                isLate = full.put(batch)
            }
        }
    }

    /// Ends the thread; false where it did not end in time.
    @discardableResult
    public func stop() -> Bool {
        free.close()
        return thread.join(millisMax: ReadAhead.stopMillisMax)
    }

    /// For the thread beside the loop: the next batch that is free; nil once none is wanted any more.
    private static func next(of free: BatchQueue<Batch>) -> Batch? {
        while true {
            switch free.take() {
            case .batch(let batch): return batch
            case .closed: return nil
            case .nothing:
                free.wake.wait(millisMax: -1)
                free.wake.takeRings()
            }
        }
    }

    /// The next batch, in the order of the file, once it is there; nil where a signal came before it.
    public func take() -> Batch? {
        if case .batch(let batch) = full.take() { return batch }
        if Descriptor.waitReadable([full.wake.descriptor], timeoutMillis: -1)[0] { full.wake.takeRings() }
        if case .batch(let batch) = full.take() { return batch }
        return nil
    }

    /// Gives a batch back to be filled anew.
    public func giveBack(_ batch: Batch) { free.put(batch) }
}

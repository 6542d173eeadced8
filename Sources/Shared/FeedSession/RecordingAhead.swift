import Glibc
import UnixTool

/// Reads a recording on a thread of its own, some batches ahead of whoever takes them in.
///
/// Reading, cutting into lines, resolving escapes and reading what frames say are half of a replay's work, and no line's depends on
/// another's. Memory is bounded: there are so many batches, each of so many bytes and one line more.
final class RecordingAhead<Reader: FrameReader> {
    typealias Batch = RecordingBatch<Reader.Frames>

    /// Large enough for few wakes, small enough for the cores' caches.
    static var batchBytes: Int { 1 << 17 }
    /// One is taken in, one waits, one is being filled.
    private static var batchCount: Int { 3 }
    /// The thread is between two batches soon, unless it waits for a disk; then the process ends without it.
    private static var stopMillisMax: Int32 { 1000 }

    private let full: BatchQueue<Batch>
    private let free: BatchQueue<Batch>
    private let thread: BackgroundThread

    /// Starts to read a regular file. Fails only where the system gives no thread or descriptor.
    ///
    /// - Parameter name: For messages.
    /// - Parameter frameReader: The thread's alone from here on.
    init(descriptor: Int32, name: String, lineBytesMax: Int, batchBytes: Int, _ frameReader: Reader) throws(ToolFailure) {
        let (full, free) = (try BatchQueue<Batch>(), try BatchQueue<Batch>())
        for _ in 0..<RecordingAhead.batchCount { free.put(Batch(bytesMax: batchBytes)) }
        (self.full, self.free) = (full, free)
        thread = try BackgroundThread {
            var reader = LineReader(descriptor: descriptor, name: name, lineBytesMax: lineBytesMax)
            var isOver = false
            while !isOver, let batch = RecordingAhead.next(of: free) {
                isOver = !batch.fill(from: &reader, bytesMax: batchBytes, frameReader)
                full.put(batch)
            }
        }
    }

    /// Ends the thread; false where it did not end in time.
    @discardableResult
    func stop() -> Bool {
        free.close()
        return thread.join(millisMax: RecordingAhead.stopMillisMax)
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

    /// The next batch, in the order of the recording, once it is there; nil where a signal came before it.
    func take() -> Batch? {
        if case .batch(let batch) = full.take() { return batch }
        if Descriptor.waitReadable([full.wake.descriptor], timeoutMillis: -1)[0] { full.wake.takeRings() }
        if case .batch(let batch) = full.take() { return batch }
        return nil
    }

    /// Gives a batch back to be filled anew.
    func giveBack(_ batch: Batch) { free.put(batch) }
}

import UnixTool

/// Reads a recording on a thread of its own, some batches ahead of whoever takes them in.
///
/// Reading, cutting into lines, resolving escapes and reading what frames say are half of a replay's work, and no line's depends on
/// another's. Memory is bounded: there are so many batches, each of so many bytes and one line more.
typealias RecordingAhead<Reader: FrameReader> = ReadAhead<RecordingBatch<Reader.Frames>>

/// Fills batches from a recording.
struct RecordingFiller<Reader: FrameReader>: BatchFiller, ~Copyable {
    /// Large enough for few wakes, small enough for the cores' caches.
    static var batchBytes: Int { 1 << 17 }

    private var reader: LineReader
    private let bytesMax: Int
    private let frameReader: Reader

    fileprivate init(_ reader: consuming LineReader, bytesMax: Int, _ frameReader: Reader) {
        self.reader = reader
        self.bytesMax = bytesMax
        self.frameReader = frameReader
    }

    mutating func fill(_ batch: RecordingBatch<Reader.Frames>, isLate: Bool) -> Bool {
        // Half of the frames are left: then the next batch is probably in time, and the two threads find a balance.
        batch.fill(from: &reader, bytesMax: bytesMax, readBytesMax: isLate ? bytesMax / 2 : .max, frameReader)
    }
}

extension ReadAhead {
    /// Starts to read a regular file. Fails only where the system gives no thread or descriptor.
    ///
    /// - Parameter name: For messages.
    /// - Parameter frameReader: The thread's alone from here on.
    convenience init<Reader: FrameReader>(
        descriptor: Int32, name: String, lineBytesMax: Int, batchBytes: Int, _ frameReader: Reader
    ) throws(ToolFailure) where Batch == RecordingBatch<Reader.Frames> {
        try self.init(ReadAhead.batches { Batch(bytesMax: batchBytes) }) {
            RecordingFiller(
                LineReader(descriptor: descriptor, name: name, lineBytesMax: lineBytesMax), bytesMax: batchBytes, frameReader)
        }
    }
}

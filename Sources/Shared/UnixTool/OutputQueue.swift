import Glibc
import JSON

/// What a writer that never waits has between itself and its reader: what the reader did not take yet, and the way to it.
final class OutputQueue {
    let output: NonwaitingOutput
    private var waiting = ByteQueue()
    private(set) var byteCount: Int64 = 0

    init(_ output: consuming NonwaitingOutput) { self.output = output }

    /// Bytes that wait here.
    var count: Int { waiting.count }

    /// Lines that wait here; one of which a part is written counts.
    var lineCount: Int64 { waiting.lineCount }

    /// Writes what waits and then `buffer`, as far as the reader takes it, and takes the rest of `buffer` in. Leaves `buffer` empty.
    func write(_ buffer: inout ByteBuffer) throws {
        while waiting.count > 0, let count = try output.write(waiting.first) {
            waiting.removeFirst(count)
            byteCount += Int64(count)
        }
        var written = 0
        defer {
            byteCount += Int64(written)
            buffer.removeFirst(written)
        }
        let bytes = UnsafeRawBufferPointer(buffer.bytes)
        while waiting.count == 0, written < bytes.count,
            let count = try output.write(UnsafeRawBufferPointer(rebasing: bytes[written...]))
        {
            written += count
        }
        guard written < bytes.count else { return }
        waiting.append(UnsafeRawBufferPointer(rebasing: bytes[written...]))
        buffer.truncate(to: written)
    }
}

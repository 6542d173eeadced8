import Glibc
import JSON
import MarketModel
import UnixTool

/// A segment that is written to, a whole number of lines in every write.
final class Segment {
    private static let flushBytes = 1 << 16

    let name: SegmentName
    /// Of the span that it holds, in microseconds since 1970.
    let spanStart: Int64
    let feed: [UInt8]
    let folder: SegmentFolder
    let path: String
    private let descriptor: Int32
    private var buffer = ByteBuffer(capacity: Segment.flushBytes * 2)
    private var digest = SegmentDigest()
    /// What was taken, and what of it is written.
    private var taken = SegmentTally()
    private var written = SegmentTally()
    /// When it was last written to, in takes of the target.
    var lastUse: Int64 = 0
    /// When the last line had come, by the monotonic clock; looked at between lines.
    var quietSinceMicros: Int64
    var isTouched = false

    /// Begins a file; its folder is there, and no other has its name.
    init(_ name: SegmentName, in folder: SegmentFolder, spanStart: Int64, feed: [UInt8], nowMicros: Int64) throws(ToolFailure) {
        self.name = name
        self.folder = folder
        self.spanStart = spanStart
        self.feed = feed
        quietSinceMicros = nowMicros
        path = "\(folder.path)/\(name.openFile)"
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ToolFailure(.cannotCreate, "cannot open \(path): \(SystemError.text()); check the directory of ndjson:")
        }
    }

    deinit { close(descriptor) }

    /// Whether lines of that feed and span go here.
    func isOf(_ start: Int64, _ feed: UnsafeBufferPointer<UInt8>) -> Bool {
        guard start == spanStart, feed.count == self.feed.count else { return false }
        guard let base = feed.baseAddress else { return true }
        return self.feed.withUnsafeBytes { $0.isEmpty || memcmp($0.baseAddress!, base, $0.count) == 0 }
    }

    /// Whether a line of so many bytes would make it longer than it may be.
    func isFull(for bytes: Int, _ rotation: Rotation) -> Bool {
        guard let most = rotation.bytesMax, taken.bytes > 0 else { return false }
        return taken.bytes + Int64(bytes) + 1 > most
    }

    func take(_ line: UnsafeBufferPointer<UInt8>, at received: Timestamp) throws(ToolFailure) {
        buffer.append(line)
        buffer.append(UInt8(ascii: "\n"))
        taken.add(bytes: line.count + 1, received: received.micros)
        isTouched = true
        if buffer.count >= Segment.flushBytes { try flush() }
    }

    /// Writes what waits. If that fails, the file ends where it did before.
    func flush() throws(ToolFailure) {
        defer { buffer.removeAll() }
        do throws(ToolFailure) {
            try DiskWrite.append(buffer.bytes, to: descriptor, path)
        } catch {
            taken = written
            throw error
        }
        digest.update(buffer.bytes)
        written = taken
    }

    /// Writes all to the disk and ends it; gives what the manifest is to tell, nil if there is no line.
    func finish() throws(ToolFailure) -> SegmentRecord? {
        try flush()
        guard let times = written.times else { return nil }
        try DiskWrite.sync(descriptor, path)
        return SegmentRecord(
            name: name.file, feed: String(decoding: feed, as: UTF8.self), lines: written.lines, bytes: written.bytes, first: times.first,
            last: times.last, sha256: digest.finish())
    }
}

import Glibc
import MarketModel
import UnixTool

/// Reads a file of lines whose writer is gone, for what the manifest is to tell of it.
///
/// What was written to is cut behind its last whole line. A sealed file is nobody's to change: what stands behind its last newline
/// counts as a line.
final class SegmentScan {
    private(set) var tally = SegmentTally()
    /// The feed as the first line spells it; nil before there was one that says.
    private(set) var feed: String?
    /// Bytes of a torn last line that were cut off.
    private(set) var cutBytes: Int64 = 0
    /// The last line lacks its newline.
    private(set) var isUnterminated = false
    private var digest = SegmentDigest()
    private var decoder = EventDecoder()

    /// Reads all of it, and puts it on the disk.
    init(path: String, isSealed: Bool) throws(ToolFailure) {
        let descriptor = open(path, (isSealed ? O_RDONLY : O_RDWR) | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ToolFailure(.cannotCreate, "cannot open \(path): \(SystemError.text()); check its permissions")
        }
        defer { close(descriptor) }
        if !isSealed { cutBytes = try TornTail.cut(descriptor, path) }
        lseek(descriptor, 0, SEEK_SET)
        try read(LineReader(descriptor: descriptor, name: path, lineBytesMax: .max / 2))
        try DiskWrite.sync(descriptor, path)
    }

    private func read(_ given: consuming LineReader) throws(ToolFailure) {
        var reader = given
        while true {
            switch reader.next() {
            case .line(let line): take(line, newlineBytes: 1)
            case .unterminated(let line):
                isUnterminated = true
                take(line, newlineBytes: 0)
            case .tooLong: break
            case .none:
                if reader.isAtEnd { return }
                _ = try reader.fill()
            }
        }
    }

    private func take(_ line: UnsafeBufferPointer<UInt8>, newlineBytes: Int) {
        let isEvent = (try? decoder.decodeEvent(line)) != nil
        tally.add(bytes: line.count + newlineBytes, received: isEvent ? decoder.received.micros : nil)
        // The newline stands right behind the line, in the same memory.
        digest.update(UnsafeBufferPointer(start: line.baseAddress, count: line.count + newlineBytes))
        if isEvent, feed == nil { feed = try? decoder.text(.feed)?.string }
    }

    /// What the manifest is to tell; nil if no line is an event.
    func record(name: SegmentName) -> SegmentRecord? {
        guard let times = tally.times else { return nil }
        return SegmentRecord(
            name: name.file, feed: feed ?? name.feed, lines: tally.lines, bytes: tally.bytes, first: times.first, last: times.last,
            sha256: digest.finish())
    }
}

import Glibc
import MarketModel
import UnixTool

/// Reads a file of lines whose writer is gone, for what the manifest is to tell of it.
final class SegmentScan {
    private(set) var tally = SegmentTally()
    /// The feed as the first line spells it; nil before there was one that says.
    private(set) var feed: String?
    /// Bytes of a torn last line that were cut off.
    let cutBytes: Int64
    private var digest = SegmentDigest()
    private var decoder = EventDecoder()

    /// Reads all of it, and puts it on the disk.
    init(path: String) throws(ToolFailure) {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ToolFailure(.cannotCreate, "cannot open \(path): \(SystemError.text()); check its permissions")
        }
        defer { close(descriptor) }
        cutBytes = try TornTail.cut(descriptor, path)
        lseek(descriptor, 0, SEEK_SET)
        try read(LineReader(descriptor: descriptor, name: path, lineBytesMax: .max / 2))
        try DiskWrite.sync(descriptor, path)
    }

    private func read(_ given: consuming LineReader) throws(ToolFailure) {
        var reader = given
        while true {
            switch reader.next() {
            case .line(let line): take(line)
            case .unterminated, .tooLong: break
            case .none:
                if reader.isAtEnd { return }
                _ = try reader.fill()
            }
        }
    }

    private func take(_ line: UnsafeBufferPointer<UInt8>) {
        let isEvent = (try? decoder.decodeEvent(line)) != nil
        tally.add(bytes: line.count + 1, received: isEvent ? decoder.received.micros : nil)
        // The newline stands right behind the line, in the same memory.
        digest.update(UnsafeBufferPointer(start: line.baseAddress, count: line.count + 1))
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

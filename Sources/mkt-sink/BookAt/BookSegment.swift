import Segments
import UnixTool

/// Reads one segment to its end, for a collector.
struct BookSegment: ~Copyable {
    private let collector: BookCollector
    private let needles: [[UInt8]]
    /// How many there were, one without a newline at the end too.
    private(set) var lines: Int64 = 0
    /// How many were read, newlines too.
    private(set) var bytes: Int64 = 0
    private var digest = SegmentDigest()
    /// The greatest `recv_us` of the lines that may count; nil if none does.
    private(set) var newest: Int64?

    init(_ collector: BookCollector) {
        self.collector = collector
        needles = (collector.question.names + ["feed_status"]).map { Array($0.utf8) + [UInt8(ascii: "\"")] }
    }

    mutating func read(_ source: SegmentSource, _ wait: SegmentWait) throws(ToolFailure) {
        var reader = LineReader(descriptor: source.descriptor, name: source.path)
        while true {
            switch reader.next() {
            case .line(let line):
                count(line, newlineBytes: 1)
                try give(line, source)
            case .unterminated(let line):
                count(line, newlineBytes: 0)
                // Of a file that is written to it is no line yet.
                if !source.isGrowing { try give(line, source) }
            case .tooLong:
                let what = "\(source.path) has a line of more than 4 MiB, which no sink has written"
                throw ToolFailure(.badData, "\(what); check the file")
            case .none:
                if reader.isAtEnd { return try end(source, wait) }
                if source.isReadable() { _ = try reader.fill() }
                try wait.look(source.path)
            }
        }
    }

    /// Of those bytes, in lower-case hex. Nothing may be read any more.
    mutating func sha256() -> String { digest.finish() }

    private mutating func count(_ line: UnsafeBufferPointer<UInt8>, newlineBytes: Int) {
        lines += 1
        bytes += Int64(line.count + newlineBytes)
        // The newline stands right behind the line, in the same memory.
        digest.update(UnsafeBufferPointer(start: line.baseAddress, count: line.count + newlineBytes))
    }

    private mutating func give(_ line: UnsafeBufferPointer<UInt8>, _ source: SegmentSource) throws(ToolFailure) {
        guard SegmentBooks.mayCount(line, needles) else { return }
        guard let received = try collector.take(line, from: source.path) else { return }
        newest = max(newest ?? .min, received.micros)
    }

    /// A program that failed has not told all.
    private borrowing func end(_ source: SegmentSource, _ wait: SegmentWait) throws(ToolFailure) {
        while try !source.finish() { try wait.look(source.path) }
    }
}

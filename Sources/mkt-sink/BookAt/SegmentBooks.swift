import Glibc
import Logging
import UnixTool

/// Gives the lines of segments that a question may need to its collector.
struct SegmentBooks {
    let directory: String
    let collector: BookCollector
    let logger: Logger

    func read() throws(ToolFailure) {
        let shelf = try SegmentShelf(directory, collector.question, logger)
        let needles = (collector.question.names + ["feed_status"]).map { Array($0.utf8) + [UInt8(ascii: "\"")] }
        for segment in shelf.segments {
            try segment.read { (line, path) throws(ToolFailure) in
                if SegmentBooks.mayCount(line, needles) { try collector.take(line, from: path) }
            }
        }
    }

    /// Whether a line need be read at all: one of the texts stands in it behind a quote, or it may spell them with escapes.
    static func mayCount(_ line: UnsafeBufferPointer<UInt8>, _ needles: [[UInt8]]) -> Bool {
        guard let base = line.baseAddress else { return false }
        if memchr(base, CInt(UInt8(ascii: "\\")), line.count) != nil { return true }
        let end = base + line.count
        var cursor = base
        while let quote = memchr(cursor, CInt(UInt8(ascii: "\"")), end - cursor) {
            cursor = UnsafePointer(quote.assumingMemoryBound(to: UInt8.self)) + 1
            let rest = end - cursor
            for needle in needles where needle.count <= rest && memcmp(cursor, needle, needle.count) == 0 { return true }
        }
        return false
    }
}

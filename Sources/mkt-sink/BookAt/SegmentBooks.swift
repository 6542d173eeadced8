import Glibc
import Logging
import Segments
import UnixTool

/// Gives the lines of segments that a question may need to its collector, and tells it what could not be read.
struct SegmentBooks {
    let directory: String
    let collector: BookCollector
    let common: CommonSettings
    let logger: Logger

    func read() throws(ToolFailure) {
        guard FileStatus(directory)?.isDirectory == true else {
            let advice = "give --to ndjson: the directory that mkt-sink writes to"
            throw ToolFailure(.noInput, "\(directory) is no directory that can be read; \(advice)")
        }
        let faults = SegmentFaults(isStrict: common.isStrict, logger)
        let listing = try SegmentListing(directory, advice: .books, faults)
        let wait = SegmentWait(durationMicros: common.durationMicros)
        for segment in listing.segments where segment.times.overlaps(collector.question.times) {
            try read(segment, wait, faults)
        }
        for fault in faults.noted { collector.lose(fault) }
    }

    private func read(_ segment: SegmentFile, _ wait: SegmentWait, _ faults: SegmentFaults) throws(ToolFailure) {
        guard let source = try segment.open() else { return try segment.noteAbsence(faults) }
        var reading = BookSegment(collector)
        try reading.read(source, wait)
        let (lines, bytes, sha256) = (reading.lines, reading.bytes, reading.sha256())
        try segment.compare(lines: lines, bytes: bytes, sha256: sha256, newest: reading.newest, faults)
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

extension SegmentListing.Advice {
    /// For a directory that is asked for books.
    static let books = SegmentListing.Advice(
        strangers: "rename them if they are", noSegments: "give --to ndjson: the directory that mkt-sink writes to")
}

import Logging
import TestSupport
import UnixTool

@testable import Segments

/// A directory of segments of a test's own.
final class Archive {
    let folder = TemporaryFolder()
    let faults = SegmentFaults(isStrict: false, Archive.logger)

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    static let advice = SegmentListing.Advice(strangers: "about strangers", noSegments: "about none")

    var path: String { folder.path }

    /// Adds a line to the manifest of the directory, or of a folder in it.
    func tell(_ text: String, in inner: String = "") throws {
        let path = "\(path)/\(inner)manifest.jsonl"
        try TextFile.replace(path, with: (TextFile.read(path) ?? "") + text + "\n")
    }

    func tell(_ name: String, lines: Int = 1, bytes: Int = 1, first: Int64, last: Int64, in inner: String = "") throws {
        let text = #"{"name":"\#(name)","lines":\#(lines),"bytes":\#(bytes),"first_recv_us":\#(first),"last_recv_us":\#(last)}"#
        try tell(text, in: inner)
    }

    func list() throws(ToolFailure) -> SegmentListing { try SegmentListing(path, advice: Archive.advice, faults) }

    func first() throws -> SegmentFile { try list().segments[0] }
}

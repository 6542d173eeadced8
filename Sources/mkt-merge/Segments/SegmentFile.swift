import Glibc
import MarketModel
import UnixTool

/// A segment of a directory, which may be sealed or compressed while we read others.
struct SegmentFile {
    /// What a segment may be compressed with: the end of its name, and the program that reads it.
    static let compressions = [(suffix: ".zst", program: "zstd"), (suffix: ".gz", program: "gzip")]

    let folder: String
    let name: SegmentName
    /// No line of it has an earlier `recv_us`.
    var first: Int64
    /// No line of it has a later one; nil where nobody knows yet.
    var last: Int64?

    /// For messages; where it stands once it is sealed.
    var path: String { "\(folder)/\(name.file)" }

    /// Opens it as it is now. Beside an uncompressed file a compressed one does not count: it may be in the making.
    func open() throws(ToolFailure) -> OpenSegment {
        for _ in 0..<2 {
            if let source = try openPlain(path, isWritten: false) { return OpenSegment(source, program: nil) }
            for compression in SegmentFile.compressions where access(path + compression.suffix, F_OK) == 0 {
                return try OpenSegment(decompressing: path + compression.suffix, with: compression.program)
            }
            if let source = try openPlain("\(folder)/\(name.openFile)", isWritten: true) { return OpenSegment(source, program: nil) }
        }
        throw ToolFailure(.noInput, "\(path) was there when its directory was read and is gone; start again")
    }

    /// nil if there is no such file, or not any more.
    private func openPlain(_ path: String, isWritten: Bool) throws(ToolFailure) -> InputSource? {
        guard access(path, F_OK) == 0 else { return nil }
        do throws(ToolFailure) {
            return try InputSource.open(path).growing(isWritten)
        } catch {
            if access(path, F_OK) != 0 { return nil }
            throw error
        }
    }

    /// Segments in the order in which lines of the same time go: by feed, then as they were begun.
    static func precedes(_ left: SegmentFile, _ right: SegmentFile) -> Bool {
        if left.name.feed != right.name.feed { return left.name.feed.utf8.lexicographicallyPrecedes(right.name.feed.utf8) }
        if left.folder != right.folder { return left.folder.utf8.lexicographicallyPrecedes(right.folder.utf8) }
        return (left.name.hour, left.name.number) < (right.name.hour, right.name.number)
    }
}

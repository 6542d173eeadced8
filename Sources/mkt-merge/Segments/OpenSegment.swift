import Segments
import UnixTool

/// A segment that is merged: its input, and how far that has come.
final class OpenSegment {
    let input: MergeInput
    private let source: SegmentSource
    /// The largest `recv_us` so far.
    var newest = Int64.min
    /// Its head is known and has not gone.
    var hasHead = false
    /// All of it was read.
    var isEnded = false
    /// Its program had nothing to give when it was looked at last, and had not ended.
    var isStalled: Bool { source.isStalled }

    init(_ source: SegmentSource) {
        self.source = source
        input = MergeInput(InputSource(source))
    }

    /// Reads once; false if its program has nothing to give for now.
    func fill() throws(ToolFailure) -> Bool {
        guard source.isReadable() else { return false }
        return try input.fill(keepingHead: false, nowMicros: 0)
    }

    /// Closes what was read to its end; false while its program has not ended. One that failed has not told all.
    func finish() throws(ToolFailure) -> Bool { try source.finish() }

    /// Gives up reading.
    func close() { source.close() }
}

import UnixTool

/// The segments of a directory as one input: a merge of its own, in which a segment is open only while its lines may be next.
///
/// Until it is opened, a segment stands in the heap by the least time that the manifest tells of it, so it is opened before any line
/// that could go behind one of its own. What no manifest tells of is read once before, for that time alone.
final class SegmentMerge {
    private let segments: [SegmentFile]
    private var heads: HeadHeap
    /// By the segment's place: those that are open.
    private var opened: [OpenSegment?]
    /// The input of the line that was told last, or of the fault.
    private(set) var current: MergeInput?
    /// Segments whose least time is not known yet.
    private var unmeasured: [Int]

    /// - Parameter times: Segments that lie outside as a whole are never opened.
    init(_ listing: SegmentListing, times: LineFilter) {
        segments = listing.segments.filter { segment in
            guard let last = segment.last else { return true }
            return last >= times.from && (times.to.map { segment.first < $0 } ?? true)
        }
        heads = HeadHeap(capacity: segments.count)
        opened = Array(repeating: nil, count: segments.count)
        unmeasured = segments.indices.filter { [segments] in segments[$0].last == nil }
        for (place, segment) in segments.enumerated() where segment.last != nil {
            heads.insert(HeadHeap.Head(received: segment.first, input: place))
        }
    }

    /// Steps to the next line; `none` asks for `fill`.
    @inline(__always)
    func advance(_ filter: LineFilter) -> MergeInput.Advance {
        guard unmeasured.isEmpty else { return .none }
        while let first = heads.first {
            guard let segment = opened[first.input] else { return .none }
            current = segment.input
            if segment.hasHead {
                segment.hasHead = false
                return .line
            }
            switch segment.input.advance(filter) {
            case .line:
                segment.newest = max(segment.newest, segment.input.headReceived)
                segment.hasHead = true
                heads.replaceFirst(HeadHeap.Head(received: segment.newest, input: first.input))
            case .fault(let fault): return .fault(fault)
            case .none: return .none
            case .ended:
                segment.isEnded = true
                return .none
            }
        }
        return .ended
    }

    /// Opens, reads or closes the segment that stands in the way of the next line.
    func fill() throws(ToolFailure) {
        if let place = unmeasured.popLast() { return try measure(place) }
        guard let first = heads.first else { return }
        guard let segment = opened[first.input] else {
            return opened[first.input] = try segments[first.input].open()
        }
        guard segment.isEnded else { return try segment.input.fill(keepingHead: false, nowMicros: 0) }
        try segment.finish()
        opened[first.input] = nil
        heads.remove(first.input)
    }

    /// Reads a segment for its least time; one without a line is left out.
    private func measure(_ place: Int) throws(ToolFailure) {
        let segment = try segments[place].open()
        var least: Int64?
        reading: while true {
            switch segment.input.advance(LineFilter()) {
            case .line: least = min(least ?? .max, segment.input.headReceived)
            case .fault: least = least ?? .max
            case .none: try segment.input.fill(keepingHead: false, nowMicros: 0)
            case .ended: break reading
            }
        }
        try segment.finish()
        if let least { heads.insert(HeadHeap.Head(received: least, input: place)) }
    }

    /// Closes what is open.
    func close() {
        for segment in opened { segment?.input.close() }
        opened = []
        heads = HeadHeap(capacity: 0)
    }
}

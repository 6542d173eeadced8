import Segments
import UnixTool

/// The segments of a directory as one input: a merge of its own, in which a segment is open only while its lines may be next.
///
/// Until it is opened, a segment stands in the heap by the least time that the manifest tells of it, so it is opened before any line
/// that could go behind one of its own. What no manifest tells of is read once before, for that time alone. What cannot be found is told,
/// and the rest goes on.
final class SegmentMerge {
    private let segments: [SegmentFile]
    private let faults: SegmentFaults
    private var heads: HeadHeap
    /// By the segment's place: those that are open.
    private var opened: [OpenSegment?]
    /// The input of the line that was told last, or of the fault.
    private(set) var current: MergeInput?
    /// Segments whose least time is not known yet.
    private var unmeasured: [Int]
    /// The last of them, which is read for it.
    private var measure: SegmentMeasure?

    /// - Parameter times: Segments that lie outside as a whole are never opened.
    init(_ listing: SegmentListing, times: LineFilter) {
        faults = listing.faults
        segments = listing.segments.filter { segment in
            guard let told = segment.told else { return true }
            return told.last >= times.from && (times.to.map { told.first < $0 } ?? true)
        }
        heads = HeadHeap(capacity: segments.count)
        opened = Array(repeating: nil, count: segments.count)
        unmeasured = segments.indices.filter { [segments] in segments[$0].told == nil }
        for (place, segment) in segments.enumerated() {
            if let told = segment.told { heads.insert(HeadHeap.Head(received: told.first, input: place)) }
        }
    }

    /// The segment whose program is waited for; nil if none is.
    var stalledPath: String? {
        let waited = measure?.segment ?? heads.first.flatMap { opened[$0.input] }
        return waited.flatMap { $0.isStalled ? $0.input.path : nil }
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

    /// Opens, reads or closes the segment that stands in the way of the next line; false if its program has nothing to give for now.
    func fill() throws(ToolFailure) -> Bool {
        if let place = unmeasured.last { return try measure(place) }
        guard let place = heads.first?.input else { return true }
        guard let segment = opened[place] else {
            opened[place] = try open(place)
            if opened[place] == nil { heads.remove(place) }
            return true
        }
        guard segment.isEnded else { return try segment.fill() }
        guard try segment.finish() else { return false }
        opened[place] = nil
        heads.remove(place)
        try segments[place].compare(lines: segment.input.lineNumber, bytes: Int64(segment.input.readBytes), faults)
        return true
    }

    /// nil if it is nowhere, which is told.
    private func open(_ place: Int) throws(ToolFailure) -> OpenSegment? {
        if let source = try segments[place].open() { return OpenSegment(source) }
        try segments[place].noteAbsence(faults)
        return nil
    }

    /// Goes on reading for least times; a segment without a line is left out.
    private func measure(_ place: Int) throws(ToolFailure) -> Bool {
        guard let measure else {
            measure = try open(place).map { SegmentMeasure($0) }
            if measure == nil { unmeasured.removeLast() }
            return true
        }
        switch try measure.step() {
        case .reading(let hasCome): return hasCome
        case .ended(let least):
            if let least { heads.insert(HeadHeap.Head(received: least, input: place)) }
            self.measure = nil
            unmeasured.removeLast()
            return true
        }
    }

    /// Closes what is open.
    func close() {
        for segment in opened { segment?.close() }
        opened = []
        measure = nil
        heads = HeadHeap(capacity: 0)
    }
}

import UnixTool

/// Reads a segment that no manifest tells of, a piece at a time, for its least time alone.
final class SegmentMeasure {
    enum Step {
        /// Nothing can be said yet; where `hasCome` is false, clocks and signals come first.
        case reading(hasCome: Bool)
        /// The least `recv_us`; nil if there is no line.
        case ended(least: Int64?)
    }

    let segment: OpenSegment
    private var least: Int64?

    init(_ segment: OpenSegment) { self.segment = segment }

    /// Takes all lines that are here, then reads once.
    func step() throws(ToolFailure) -> Step {
        while true {
            switch segment.input.advance(LineFilter()) {
            case .line: least = min(least ?? .max, segment.input.headReceived)
            case .fault: least = least ?? .max
            case .none: return .reading(hasCome: try segment.fill())
            case .ended: return try segment.finish() ? .ended(least: least) : .reading(hasCome: false)
            }
        }
    }
}

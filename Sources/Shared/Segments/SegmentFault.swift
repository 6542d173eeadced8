/// A segment, or a manifest, of which not all can be read, or not as it was sealed.
public struct SegmentFault: Equatable, Sendable {
    /// What is wrong; each is also the name of a counter.
    public enum Kind: String, Sendable {
        /// A manifest, or the directory itself, has told of it, and it is not there.
        case missing = "segments_missing"
        /// It is there in a form that is not read.
        case unreadable = "segments_unreadable"
        /// It holds more or less than its manifest tells, or other bytes.
        case differing = "segments_differing"
        /// Of manifests: lines that cannot be read, or the whole of one.
        case manifest = "manifest_faults"
    }

    /// What is wrong.
    public let kind: Kind
    /// The file that it is wrong with; of a segment that is not there, the one that is looked for.
    public let path: String
    /// The feed whose lines it concerns, as `SegmentName.safe` spells it; nil for any.
    public let feed: String?
    /// The least and the greatest `recv_us` that lines may have which it hides or feigns, in microseconds since 1970.
    public let times: ClosedRange<Int64>
    /// All of it for people: what happened, to what, and what to do.
    public let message: String

    init(_ kind: Kind, _ path: String, feed: String?, _ times: ClosedRange<Int64>, _ message: String) {
        (self.kind, self.path, self.feed, self.times, self.message) = (kind, path, feed, times, message)
    }
}

public import MarketModel

/// What a manifest tells of a segment, as far as reading needs it.
public struct SegmentTold: Equatable, Sendable {
    /// The least `recv_us` of its lines, in microseconds since 1970.
    public let first: Int64
    /// The greatest one.
    public let last: Int64
    /// How many there are, one without a newline at the end too.
    public let lines: Int64
    /// Of the file, before compression.
    public let bytes: Int64
    /// Of the same bytes, in lower-case hex; empty where it is not told.
    public let sha256: String

    /// Takes of a manifest's line what is needed.
    public init(_ record: SegmentRecord) {
        (first, last, lines, bytes, sha256) = (record.first, record.last, record.lines, record.bytes, record.sha256)
    }
}

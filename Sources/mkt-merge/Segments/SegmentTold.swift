import MarketModel

/// What a manifest tells of a segment, as far as reading needs it.
struct SegmentTold: Equatable {
    /// No line of it has an earlier `recv_us`.
    let first: Int64
    /// No line of it has a later one.
    let last: Int64
    let lines: Int64
    /// Before compression.
    let bytes: Int64

    init(_ record: SegmentRecord) {
        (first, last, lines, bytes) = (record.first, record.last, record.lines, record.bytes)
    }
}

/// What is counted of a segment's lines.
struct SegmentTally: Equatable {
    private(set) var lines: Int64 = 0
    private(set) var bytes: Int64 = 0
    /// The least and the greatest `recv_us`; nil before there was a line with one.
    private(set) var times: (first: Int64, last: Int64)?

    /// - Parameters:
    ///   - bytes: Of the line with its newline.
    ///   - received: nil for a line that tells no time.
    mutating func add(bytes: Int, received: Int64?) {
        lines += 1
        self.bytes += Int64(bytes)
        guard let received else { return }
        times = (min(times?.first ?? received, received), max(times?.last ?? received, received))
    }

    static func == (left: SegmentTally, right: SegmentTally) -> Bool {
        left.lines == right.lines && left.bytes == right.bytes && left.times?.first == right.times?.first
            && left.times?.last == right.times?.last
    }
}

/// Cuts time into buckets that are as narrow as a fixed number of them allows, however long a stream turns out to be.
///
/// A bucket is `floor(time / width)`, so buckets do not depend on where a stream begins. When the times seen so far no longer fit into
/// `bucketsMax` buckets, the next width of the list takes over; each width is a multiple of the one before, so that buckets fold whole.
struct TimeGrid {
    /// Microseconds, in rising order.
    let widths: [Int64]
    let bucketsMax: Int
    /// The place of the width in use.
    private(set) var level = 0
    private(set) var first: Int64 = 0
    private(set) var last: Int64 = 0
    private(set) var isEmpty = true

    var width: Int64 { widths[level] }

    /// Makes room for a time.
    mutating func include(_ time: Int64) {
        if isEmpty { (first, last, isEmpty) = (time, time, false) }
        (first, last) = (min(first, time), max(last, time))
        while !fits(level), level < widths.count - 1 { level += 1 }
    }

    private func fits(_ level: Int) -> Bool { count(level) <= Int128(bucketsMax) }

    /// How many buckets of a width there are from the first time to the last.
    func count(_ level: Int) -> Int128 {
        Int128(TimeGrid.floor(last, widths[level])) - Int128(TimeGrid.floor(first, widths[level])) + 1
    }

    func bucket(of time: Int64) -> Int64 { TimeGrid.floor(time, width) }

    static func floor(_ time: Int64, _ width: Int64) -> Int64 {
        let (quotient, remainder) = time.quotientAndRemainder(dividingBy: width)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

extension TimeGrid {
    private static let second: Int64 = 1_000_000
    private static let hour: Int64 = 3600 * second
    private static let day: Int64 = 24 * hour

    /// For lines and points: widths double, so that at least half of the buckets are in use.
    static var fine: TimeGrid { TimeGrid(widths: (0...60).map { 1 << $0 }, bucketsMax: 512) }

    /// For bars: widths that people count in, from a second up.
    static var round: TimeGrid {
        let short = [1, 5, 15, 30, 60, 300, 900, 1800].map { $0 * second }
        let hours = [1, 3, 6, 12].map { $0 * hour }
        return TimeGrid(widths: short + hours + (0...26).map { day << $0 }, bucketsMax: 512)
    }

    /// The width for bars: an hour where that gives a dozen of them or more, else the narrowest that gives no more than `barsMax`.
    func barLevel(barsMax: Int) -> Int {
        let hourly = widths.firstIndex(of: TimeGrid.hour) ?? level
        if hourly >= level, (12...Int128(barsMax)).contains(count(hourly)) { return hourly }
        return widths.indices.first { $0 >= level && count($0) <= Int128(barsMax) } ?? widths.count - 1
    }
}

import MarketModel

/// The times that lines of segments may have by where their files stand, for those of which no manifest tells.
enum SegmentTimes {
    /// Where nothing is known.
    static let any = Int64.min...Int64.max
    private static let hourMicros: Int64 = 3_600_000_000
    /// A sink's spans last no longer, and begin in the hour of the name.
    private static let spanMicrosMax: Int64 = 24 * hourMicros

    /// Of a segment whose span begins in an hour of a day's folder; nil where the path to the folder does not name a day.
    static func ofLines(in folder: String, hour: Int64) -> ClosedRange<Int64>? {
        day(folder).map { range($0.advanced(byMicros: hour * hourMicros), beginsWithin: hourMicros) }
    }

    /// Of any segment in a day's folder; nil where the path to it does not name a day.
    static func ofLines(inDay folder: String) -> ClosedRange<Int64>? {
        day(folder).map { range($0, beginsWithin: 24 * hourMicros) }
    }

    private static func range(_ first: Timestamp, beginsWithin micros: Int64) -> ClosedRange<Int64> {
        first.micros...first.advanced(byMicros: micros + spanMicrosMax - 1).micros
    }

    /// When the day of a folder such as `archive/2026/09/25` begins.
    private static func day(_ folder: String) -> Timestamp? {
        let parts = folder.split(separator: "/").suffix(3)
        guard parts.count == 3, parts.allSatisfy({ SegmentName.isFolder(String($0)) }) else { return nil }
        return TimeArgument.parse(parts.joined(separator: "-"))
    }
}

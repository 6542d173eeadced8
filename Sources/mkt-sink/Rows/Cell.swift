import JSON

/// One value of a row.
enum Cell {
    /// The line does not tell it.
    case null
    case integer(Int64)
    /// Text that stands in the line as it is meant.
    case text(JSONText)
    /// Text that we spelled, in the row's own memory from `start` on.
    case made(start: Int, count: Int)
}

/// The cells that every row begins with.
enum EnvelopeCell: Int, CaseIterable {
    case feed, venue, market, instrument, label, conn, received, venueTime
    /// `seq`, or the occurrence, or null.
    case ordinal

    static let count = allCases.count
}

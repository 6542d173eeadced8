import JSON
import MarketModel

/// The columns of a row of a book line, as they are asked for.
enum StoredColumn: Int {
    case feed, venue, market, instrument, label, conn, seq, received, venueTime, bids, asks, verified
}

/// Makes lines of rows, so that rows and lines are read by the same rule.
enum StoredLine {
    /// A line of a book, without its newline. Its reason is not that of the row, which nobody asks for.
    static func make(_ kind: EventKind, _ row: [String?], levels append: (String, inout ByteBuffer) -> Void) -> ByteBuffer {
        func text(_ column: StoredColumn) -> String { row[column.rawValue] ?? "" }
        func integer(_ column: StoredColumn) -> Int64? { row[column.rawValue].flatMap(Int64.init) }
        let origin = EventOrigin(
            feed: text(.feed), venue: text(.venue), market: text(.market), instrument: text(.instrument),
            label: row[StoredColumn.label.rawValue])
        var line = ByteBuffer()
        line.beginEvent(
            kind, origin, conn: conn(integer(.conn)), seq: integer(.seq), received: Timestamp(micros: integer(.received) ?? 0),
            venueTime: integer(.venueTime).map { Timestamp(micros: $0) })
        line.appendKey(.bids)
        append(text(.bids), &line)
        line.appendKey(.asks)
        append(text(.asks), &line)
        // SQLite and PostgreSQL spell it in their own ways.
        line.append(.verified, bool: ["1", "t"].contains(text(.verified)) ? true : nil)
        line.append(UInt8(ascii: "}"))
        return line
    }

    /// A `feed_status` of feed, venue, conn, time, state and instruments.
    static func make(status row: [String?]) -> ByteBuffer {
        var line = ByteBuffer()
        line.beginEvent(
            .feedStatus, EventOrigin(feed: row[0] ?? "", venue: row[1] ?? ""), conn: conn(row[2].flatMap(Int64.init)),
            received: Timestamp(micros: row[3].flatMap(Int64.init) ?? 0))
        line.append(.state, string: row[4])
        if let instruments = row[5] {
            line.appendKey(.instruments)
            line.append(utf8: instruments)
        }
        line.append(UInt8(ascii: "}"))
        return line
    }

    /// Rows have 0 where their line tells none.
    private static func conn(_ number: Int64?) -> Int64? { number == 0 ? nil : number }
}

import MarketModel
import SQLite

/// Puts rows into one table, unless their identity is there already.
final class TableWriter {
    let table: EventTable
    private let database: Database
    private let insert: Statement
    /// Cells from the first on that stand as numbers of `texts`: feed and venue, or all five names.
    private let nameCount: Int
    private let hasOrdinal: Bool
    private(set) var inserted: Int64 = 0
    private(set) var duplicates: Int64 = 0
    /// The same at the end of the last transaction.
    private var kept: (inserted: Int64, duplicates: Int64) = (0, 0)

    init(_ table: EventTable, _ database: Database) throws(SQLiteError) {
        self.table = table
        self.database = database
        nameCount = table.hasSubject ? EnvelopeCell.label.rawValue + 1 : EnvelopeCell.venue.rawValue + 1
        hasOrdinal = table.ordinal != .none
        insert = try database.prepare(TableWriter.sql(table))
    }

    /// Parameter n + 1 is cell n of the row.
    static func sql(_ table: EventTable) -> String {
        var pairs = [("feed_id", 1), ("venue_id", 2), ("conn", 6), ("recv_us", 7), ("venue_us", 8)]
        if table.hasSubject { pairs += [("market_id", 3), ("instrument_id", 4), ("label_id", 5)] }
        if table.ordinal != .none { pairs.append((table.ordinal.rawValue, 9)) }
        pairs += table.columns.enumerated().map { ($0.element, EnvelopeCell.count + 1 + $0.offset) }
        let columns = pairs.map(\.0).joined(separator: ", ")
        let values = pairs.map { "?\($0.1)" }.joined(separator: ", ")
        // Only what breaks a UNIQUE rule is passed over; anything else is an error.
        return "INSERT INTO \(table.name) (\(columns)) VALUES (\(values)) ON CONFLICT DO NOTHING"
    }

    /// What was written is stored, or taken back.
    func end(isStored: Bool) {
        if isStored { kept = (inserted, duplicates) } else { (inserted, duplicates) = kept }
    }

    func write(_ row: borrowing EventRow, _ texts: TextDictionary) throws(SQLiteError) {
        let insert = insert
        for index in 0..<nameCount {
            let number = if let text = row.text(index) { try texts.number(of: text) } else { Int64(0) }
            insert.bind(Int32(index + 1), number)
        }
        insert.bind(Int32(EnvelopeCell.conn.rawValue + 1), row.integer(.conn) ?? 0)
        for index in EnvelopeCell.received.rawValue..<row.count {
            if index == EnvelopeCell.ordinal.rawValue, !hasOrdinal { continue }
            let parameter = Int32(index + 1)
            switch row.cell(index) {
            case .integer(let value): insert.bind(parameter, value)
            case .null: insert.bindNull(parameter)
            case .text, .made: insert.bind(parameter, utf8: row.text(index)!)
            }
        }
        try insert.run()
        if database.changeCount > 0 { inserted += 1 } else { duplicates += 1 }
    }
}

extension EventTable {
    /// Whether rows may name a market and an instrument.
    var hasSubject: Bool {
        if case .none = subject { false } else { true }
    }
}

import MarketModel

/// How a column of a row stands in PostgreSQL.
struct PostgresColumn: Sendable {
    enum Kind: Sendable {
        /// A number of `texts`.
        case name
        case integer
        case boolean
        case text
        /// Price and size in millionths by turns: `{410000,100000000,…}`.
        case levels
        /// Sixteen bytes that say what the row tells.
        case identity
    }

    let name: String
    let kind: Kind
    let isRequired: Bool
    /// The cell that it stands for; nil for what we add.
    let cell: Int?

    var type: String {
        switch kind {
        case .name: "integer"
        case .integer: "bigint"
        case .boolean: "boolean"
        case .text: "text"
        case .levels: "bigint[]"
        case .identity: "uuid"
        }
    }

    /// All columns of a table, in the order in which they are written.
    static func all(of table: EventTable) -> [PostgresColumn] {
        var columns = [
            PostgresColumn(name: "feed_id", kind: .name, isRequired: true, cell: EnvelopeCell.feed.rawValue),
            PostgresColumn(name: "venue_id", kind: .name, isRequired: true, cell: EnvelopeCell.venue.rawValue),
            PostgresColumn(name: "conn", kind: .integer, isRequired: true, cell: EnvelopeCell.conn.rawValue),
            PostgresColumn(name: "recv_us", kind: .integer, isRequired: true, cell: EnvelopeCell.received.rawValue),
            PostgresColumn(name: "venue_us", kind: .integer, isRequired: false, cell: EnvelopeCell.venueTime.rawValue),
        ]
        if table.hasSubject {
            for (name, cell) in [("market_id", EnvelopeCell.market), ("instrument_id", .instrument), ("label_id", .label)] {
                columns.append(PostgresColumn(name: name, kind: .name, isRequired: true, cell: cell.rawValue))
            }
        }
        if table.ordinal != .none {
            columns.append(
                PostgresColumn(name: table.ordinal.rawValue, kind: .integer, isRequired: true, cell: EnvelopeCell.ordinal.rawValue))
        }
        for (place, name) in table.columns.enumerated() {
            columns.append(
                PostgresColumn(name: name, kind: kind(of: name), isRequired: false, cell: EnvelopeCell.count + place))
        }
        if table.ordinal != .seq {
            columns.append(PostgresColumn(name: "identity", kind: .identity, isRequired: true, cell: nil))
        }
        return columns
    }

    private static let booleans: Set<String> = ["verified", "outcome_won"]
    private static let integers: Set<String> = ["expected_seq", "got_seq", "positions", "lines"]

    private static func kind(of name: String) -> Kind {
        if name == "bids" || name == "asks" { return .levels }
        if booleans.contains(name) { return .boolean }
        if name.hasSuffix("_e6") || name.hasSuffix("_us") || integers.contains(name) { return .integer }
        return .text
    }
}

extension EventTable {
    /// The columns that tell its rows apart; time stands among them, as partitions want it.
    var postgresKey: [String] {
        switch ordinal {
        case .seq: ["instrument_id", "recv_us", "seq", "feed_id", "conn"]
        case .occurrence: (hasSubject ? ["instrument_id"] : []) + ["recv_us", "feed_id", "conn", "identity"]
        case .none: ["recv_us", "identity"]
        }
    }
}

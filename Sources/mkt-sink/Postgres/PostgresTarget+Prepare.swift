import MarketModel
import Postgres
import UnixTool

extension PostgresTarget {
    /// For so many days partitions are made ahead.
    private static let aheadDays: Int64 = 7

    /// Makes the tables, or brings those of an older version to this one; makes the next days' partitions, and takes old ones away.
    static func prepare(
        _ address: PostgresAddress, isPartitioned: Bool, retention: PostgresRetention?, now: Timestamp
    ) throws(ToolFailure) -> PostgresRetention.Gone? {
        do {
            let connection = try PostgresConnection(address, limits: limits, access: .writing)
            try checkNewer(connection, address)
            try connection.execute(script: PostgresSchema.sql(isPartitioned: isPartitioned))
            let ahead = now.advanced(byMicros: aheadDays * PostgresBatch.dayMicros)
            _ = try connection.query("SELECT mkt_make_partitions($1, $2)", ["\(now.micros)", "\(ahead.micros)"])
            return try retention.map { try takeAway($0, before: now.advanced(byMicros: -$0.micros), connection) }
        } catch {
            throw failure(error, address)
        }
    }

    /// Partitions whose last moment is before `time`.
    private static func takeAway(
        _ retention: PostgresRetention, before time: Timestamp, _ connection: PostgresConnection
    ) throws -> PostgresRetention.Gone {
        let lastDay = PostgresBatch.day(of: time)
        let tables = EventTable.all.map { "'\($0.name)'::regclass" }.joined(separator: ", ")
        let rows = try connection.query(
            """
            SELECT p.oid::regclass, i.inhparent::regclass FROM pg_inherits AS i JOIN pg_class AS p ON p.oid = i.inhrelid
            WHERE i.inhparent IN (\(tables)) AND p.relname ~ '_[0-9]{8}$'
                AND to_date(right(p.relname, 8), 'YYYYMMDD') < date '1970-01-01' + $1::integer ORDER BY 1
            """, ["\(lastDay)"])
        for row in rows {
            guard row.count == 2, let part = row[0], let parent = row[1] else { continue }
            _ = try connection.query(retention.isDetaching ? "ALTER TABLE \(parent) DETACH PARTITION \(part)" : "DROP TABLE \(part)")
        }
        return PostgresRetention.Gone(count: rows.count, isDetached: retention.isDetaching)
    }
}

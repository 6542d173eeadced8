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
            throw failure(error, address, isPreparing: true)
        }
    }

    /// Partitions of ours, by their name and their bounds, that end at `time` or before.
    private static func takeAway(
        _ retention: PostgresRetention, before time: Timestamp, _ connection: PostgresConnection
    ) throws -> PostgresRetention.Gone {
        let tables = EventTable.all.map { "'\($0.name)'::regclass" }.joined(separator: ", ")
        let rows = try connection.query(
            """
            SELECT quote_ident(n.nspname), quote_ident(p.relname), i.inhparent::regclass FROM pg_inherits AS i
                JOIN pg_class AS p ON p.oid = i.inhrelid JOIN pg_namespace AS n ON n.oid = p.relnamespace
                JOIN pg_class AS parent ON parent.oid = i.inhparent
                CROSS JOIN LATERAL regexp_match(
                    pg_get_expr(p.relpartbound, p.oid), '^FOR VALUES FROM \\(''(-?\\d{1,18})''\\) TO \\(''(-?\\d{1,18})''\\)$') AS bound
            WHERE i.inhparent IN (\(tables)) AND bound IS NOT NULL AND bound[2]::bigint <= $1::bigint
                AND bound[2]::bigint - bound[1]::bigint = \(PostgresBatch.dayMicros) AND bound[1]::bigint % \(PostgresBatch.dayMicros) = 0
                AND p.relname = parent.relname
                    || to_char('epoch'::timestamp + bound[1]::bigint / \(PostgresBatch.dayMicros) * interval '1 day', '_YYYYMMDD')
            ORDER BY p.relname
            """, ["\(time.micros)"])
        for row in rows {
            guard row.count == 3, let schema = row[0], let part = row[1], let parent = row[2] else { continue }
            guard retention.isDetaching else {
                _ = try connection.query("DROP TABLE \(schema).\(part)")
                continue
            }
            // Under another name, so that the day can have a partition again.
            try connection.execute(
                script:
                    "BEGIN; ALTER TABLE \(parent) DETACH PARTITION \(schema).\(part); ALTER TABLE \(schema).\(part) RENAME TO \(part)_detached; COMMIT"
            )
        }
        return PostgresRetention.Gone(count: rows.count, isDetached: retention.isDetaching)
    }
}

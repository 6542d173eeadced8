import MarketModel
import Postgres

/// Puts batches into the database, each in one transaction that also moves the progress.
///
/// The quick way is COPY straight into the tables. Where a row is there already the server refuses that; then, and as long as duplicates
/// come, rows go into temporary tables first and from there as far as they are new.
struct PostgresStore {
    private let progressName: String
    private var isMerging = false
    /// Days whose partitions are there.
    private var days: Set<Int64> = []
    private(set) var inserted: [Int64] = Array(repeating: 0, count: EventTable.all.count)
    private(set) var duplicates: [Int64] = Array(repeating: 0, count: EventTable.all.count)

    init(progressName: String) { self.progressName = progressName }

    /// A try may have been stored without our knowing, or the next session is a new one.
    mutating func doubt() {
        isMerging = true
        days.removeAll()
    }

    mutating func store(_ batch: inout PostgresBatch, _ connection: PostgresConnection) throws {
        do {
            try put(&batch, connection)
        } catch let error as PostgresError where error.sqlState == "23514" {
            // A partition that was there has been taken away meanwhile.
            days.removeAll()
            try put(&batch, connection)
        }
    }

    private mutating func put(_ batch: inout PostgresBatch, _ connection: PostgresConnection) throws {
        try makePartitions(batch.days, connection)
        if !isMerging {
            do {
                let counts = try transaction(&batch, connection) { table, bytes, _ in
                    try connection.copy("COPY \(PostgresStore.target(table)) FROM STDIN (FORMAT binary)", bytes)
                }
                return note(counts, batch: counts)
            } catch let error as PostgresError where error.sqlState == "23505" {
                isMerging = true
            }
        }
        var given = Array(repeating: Int64(0), count: EventTable.all.count)
        let counts = try transaction(&batch, connection) { table, bytes, count in
            given[Int(table.kind.rawValue)] = count
            return try PostgresStore.merge(table, bytes, connection)
        }
        note(counts, batch: given)
        isMerging = given != counts
    }

    private mutating func note(_ counts: [Int64], batch given: [Int64]) {
        for index in counts.indices {
            inserted[index] += counts[index]
            duplicates[index] += given[index] - counts[index]
        }
    }

    private func transaction(
        _ batch: inout PostgresBatch, _ connection: PostgresConnection,
        _ put: (EventTable, UnsafeRawBufferPointer, Int64) throws -> Int64
    ) throws -> [Int64] {
        var counts = Array(repeating: Int64(0), count: EventTable.all.count)
        _ = try connection.query("BEGIN")
        do {
            try batch.forEach { table, bytes, count in counts[Int(table.kind.rawValue)] = try put(table, bytes, count) }
            let (lines, last) = ("\(counts.reduce(0, +))", "\(batch.latest)")
            _ = try connection.query(
                """
                INSERT INTO mkt_progress AS p (name, lines, last_recv_us) VALUES ($1, $2::bigint, $3::bigint)
                ON CONFLICT (name) DO UPDATE SET lines = p.lines + excluded.lines, last_recv_us = greatest(p.last_recv_us, excluded.last_recv_us)
                """, [progressName, lines, last])
            _ = try connection.query("COMMIT")
        } catch {
            if connection.descriptor >= 0 { _ = try? connection.query("ROLLBACK") }
            throw error
        }
        return counts
    }

    private static func merge(_ table: EventTable, _ bytes: UnsafeRawBufferPointer, _ connection: PostgresConnection) throws -> Int64 {
        let stage = "mkt_stage_\(table.name)"
        // Of rows with one identity the first is kept; the heap alone does not tell which that was.
        _ = try connection.query(
            """
            CREATE TEMP TABLE IF NOT EXISTS \(stage) (LIKE \(table.name), mkt_place bigint GENERATED ALWAYS AS IDENTITY (CACHE 1000))
            ON COMMIT DELETE ROWS
            """)
        let columns = PostgresColumn.all(of: table).map(\.name).joined(separator: ", ")
        _ = try connection.copy("COPY pg_temp.\(stage) (\(columns)) FROM STDIN (FORMAT binary)", bytes)
        let rows = try connection.query(
            """
            WITH fresh AS (INSERT INTO \(table.name) (\(columns)) SELECT \(columns) FROM pg_temp.\(stage) ORDER BY mkt_place
                ON CONFLICT DO NOTHING RETURNING 1)
            SELECT count(*) FROM fresh
            """)
        return rows.first?.first.flatMap { $0 }.flatMap(Int64.init) ?? 0
    }

    private static func target(_ table: EventTable) -> String {
        "\(table.name) (\(PostgresColumn.all(of: table).map(\.name).joined(separator: ", ")))"
    }

    /// Makes the partitions of days that were not met yet, each in a transaction of its own before that of the rows.
    private mutating func makePartitions(_ wanted: Set<Int64>, _ connection: PostgresConnection) throws {
        for day in wanted.subtracting(days).sorted() {
            let micros = "\(day * PostgresBatch.dayMicros)"
            _ = try connection.query("SELECT mkt_make_partitions($1, $1)", [micros])
            if days.count >= PostgresStore.daysMax { days.removeAll() }
            days.insert(day)
        }
    }

    /// More need not be remembered: asking again costs a look.
    private static let daysMax = 1000
}

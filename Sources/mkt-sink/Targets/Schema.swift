import SQLite
import UnixTool

/// The tables of a database: which version they are of, and the way from each version to the next.
struct Schema {
    /// `mktp`, in the file's header (<https://sqlite.org/fileformat2.html#application_id>).
    static let applicationID: Int64 = 0x6D6B_7470

    /// In rising order from 1; each is run once, in one transaction.
    let migrations: [SchemaMigration]

    init(_ migrations: [SchemaMigration] = SchemaMigration.all) { self.migrations = migrations }

    var version: Int64 { migrations.last?.version ?? 0 }

    /// Makes the tables, or brings those of an older version to this one.
    ///
    /// Fails if the file is no database, belongs to another program, or was made by a newer version.
    func prepare(_ database: Database, path: String) throws {
        try check(database, path: path)
        // The page size can be chosen before the first table only; 8 KiB hold a snapshot of forty levels.
        try database.execute("PRAGMA page_size = 8192")
        _ = try database.text("PRAGMA journal_mode = WAL")
        try database.execute("PRAGMA synchronous = NORMAL")
        // Fewer checkpoints write a hot page fewer times: 64 MiB of log, 64 MiB of pages in memory.
        try database.execute("PRAGMA wal_autocheckpoint = 8192")
        try database.execute("PRAGMA cache_size = -65536")
        // Debian's SQLite wipes what it frees; market data is no secret.
        try database.execute("PRAGMA secure_delete = OFF")
        for migration in migrations { try run(migration, database, path: path) }
    }

    private func check(_ database: Database, path: String) throws {
        let application = try database.integer("PRAGMA application_id")
        let found = try database.integer("PRAGMA user_version")
        let isOurs = application == Schema.applicationID
        if !isOurs, try application != 0 || database.integer("SELECT count(*) FROM sqlite_schema") > 0 {
            throw ToolFailure(.cannotCreate, "\(path) is a database of another program; give --to another file")
        }
        if isOurs, found > version {
            let message = "\(path) was made by a newer mktpipe (schema \(found), this one knows \(version)); upgrade mktpipe"
            throw ToolFailure(.unavailable, message)
        }
    }

    private func run(_ migration: SchemaMigration, _ database: Database, path: String) throws {
        guard try database.integer("PRAGMA user_version") < migration.version else { return }
        try database.execute("BEGIN IMMEDIATE")
        do {
            // Another sink may have been here between the look and the lock.
            if try database.integer("PRAGMA user_version") < migration.version {
                try database.execute(migration.sql + Schema.views + Schema.seal(migration.version))
            }
            try database.execute("COMMIT")
        } catch {
            if database.isInTransaction { try? database.execute("ROLLBACK") }
            throw error
        }
    }

    /// Views hold no data, so each migration makes them anew for the tables as they are then.
    private static var views: String {
        EventTable.all.map { "DROP VIEW IF EXISTS \(SchemaView.name($0));\n" + SchemaView.sql($0) }.joined()
    }

    private static func seal(_ version: Int64) -> String {
        """
        INSERT INTO meta (name, value) VALUES ('schema_version', \(version))
            ON CONFLICT (name) DO UPDATE SET value = excluded.value;
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(version);

        """
    }

    /// All of it as SQL that makes an empty database ours.
    var sql: String {
        let head = """
            -- mktpipe, schema version \(version).
            -- Prices, sizes and money are whole millionths (…_e6), times are microseconds since 1970 (…_us).
            -- An …_id is the number of a text in texts, 0 where the line does not tell it; conn is 0 likewise.

            """
        let tables = migrations.map { "\n-- Version \($0.version)\n\($0.sql)" }.joined()
        let views = EventTable.all.map(SchemaView.sql).joined()
        return head + "BEGIN;\n" + tables + "\n-- The same for people: names, and decimals that are exact.\n" + views + "\n"
            + Schema.seal(version) + "COMMIT;\n"
    }
}

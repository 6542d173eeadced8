import SQLite
import Testing
import UnixTool

@testable import mkt_sink

@Suite struct SchemaTests {
    private let directory = TemporaryDirectory()

    private func open(_ name: String = "a.db") throws -> Database { try Database(path: directory(name), busyMillisMax: 100) }

    private func failure(_ schema: Schema = Schema()) throws -> ToolFailure? {
        let database = try open()
        return #expect(throws: ToolFailure.self) { try schema.prepare(database, path: "a.db") }
    }

    @Test func everyTable_hasTheColumnsThatItsRowsHave() throws {
        let database = try open()
        try Schema().prepare(database, path: "a.db")
        for table in EventTable.all {
            let statement = try database.prepare("SELECT name FROM pragma_table_info('\(table.name)')")
            var columns: [String] = []
            while try statement.step() { columns.append(statement.text(0)) }
            #expect(Array(columns.suffix(table.columns.count)) == table.columns, "\(table.name)")
            #expect(columns.contains("instrument_id") == table.hasSubject, "\(table.name)")
            _ = try database.prepare("SELECT * FROM \(SchemaView.name(table))")
        }
    }

    @Test func preparingTwice_changesNothing() throws {
        let database = try open()
        try Schema().prepare(database, path: "a.db")
        let version = try database.integer("PRAGMA schema_version")
        try Schema().prepare(database, path: "a.db")
        #expect(try database.integer("PRAGMA schema_version") == version)
        #expect(try database.text("PRAGMA journal_mode") == "wal")
        #expect(try database.text("SELECT value FROM meta WHERE name = 'schema_version'") == "3")
    }

    @Test func anOlderDatabase_isMigratedStepByStep() throws {
        let database = try open()
        try Schema().prepare(database, path: "a.db")
        try database.execute("INSERT INTO texts (text) VALUES ('kept')")
        let steps = [
            SchemaMigration(version: 4, sql: "CREATE TABLE two (x);"),
            SchemaMigration(version: 5, sql: "DROP TABLE two; CREATE TABLE three (x);"),
        ]
        try Schema(SchemaMigration.all + steps).prepare(database, path: "a.db")
        #expect(try database.integer("PRAGMA user_version") == 5)
        #expect(try database.text("SELECT group_concat(name) FROM sqlite_schema WHERE name IN ('two', 'three')") == "three")
        #expect(try database.text("SELECT text FROM texts") == "kept")
    }

    @Test func aDatabaseOfVersion1_keepsItsInstruments_andGetsNegativeRisk() throws {
        let database = try open()
        try Schema([SchemaMigration.all[0]]).prepare(database, path: "a.db")
        try database.execute(
            "INSERT INTO instruments (feed_id, venue_id, conn, recv_us, market_id, instrument_id, label_id, occurrence, outcome) "
                + "VALUES (1, 1, 0, 5, 1, 1, 0, 0, 'Yes')")
        try Schema().prepare(database, path: "a.db")
        #expect(try database.text("SELECT outcome || ifnull(neg_risk, '-') FROM instruments") == "Yes-")
        #expect(try database.integer("PRAGMA user_version") == 3)
    }

    @Test func aMigrationThatFails_leavesTheVersionBefore() throws {
        let database = try open()
        try Schema().prepare(database, path: "a.db")
        let broken = SchemaMigration(version: 4, sql: "CREATE TABLE two (x); CREATE TABLE two (x);")
        #expect(throws: SQLiteError.self) { try Schema(SchemaMigration.all + [broken]).prepare(database, path: "a.db") }
        #expect(try database.integer("PRAGMA user_version") == 3)
        #expect(try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'two'") == 0)
        #expect(!database.isInTransaction)
    }

    @Test func aNewerDatabase_isRefused() throws {
        try open().execute("PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = 9; CREATE TABLE t (x)")
        let failure = try failure()
        #expect(failure?.status == .unavailable)
        #expect(failure?.message.contains("newer mktpipe") == true)
    }

    @Test func anotherProgramsDatabase_isLeftAlone() throws {
        try open().execute("CREATE TABLE t (x)")
        #expect(try failure()?.status == .cannotCreate)
        #expect(try open().text("PRAGMA journal_mode") == "delete")
    }
}

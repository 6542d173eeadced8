import SQLite
import Testing

@Suite struct DatabaseTests {
    private let directory = TemporaryDirectory()

    @Test func errorsCarrySQLitesWords() throws {
        let database = try Database(path: directory("a.db"), busyMillisMax: 10)
        let error = #expect(throws: SQLiteError.self) { try database.execute("SELECT * FROM nowhere") }
        #expect(error?.message == "no such table: nowhere")
        #expect(error?.kind == .other)
    }

    @Test func aLock_isBusy_andADirectoryCannotBeOpened() throws {
        let first = try Database(path: directory("a.db"), busyMillisMax: 10)
        try first.execute("BEGIN EXCLUSIVE")
        let second = try Database(path: directory("a.db"), busyMillisMax: 10)
        #expect(#expect(throws: SQLiteError.self) { try second.execute("BEGIN IMMEDIATE") }?.kind == .busy)
        #expect(#expect(throws: SQLiteError.self) { try Database(path: directory.path, busyMillisMax: 10) }?.kind == .cannotOpen)
    }

    @Test func aStatement_isUsedAgain_afterAnErrorToo() throws {
        let database = try Database(path: directory("a.db"), busyMillisMax: 10)
        try database.execute("CREATE TABLE t (x INTEGER NOT NULL UNIQUE, y TEXT)")
        let insert = try database.prepare("INSERT INTO t VALUES (?1, ?2)")
        let text = Array("été".utf8)
        try text.withUnsafeBufferPointer { bytes in
            for value in [1, 2, 1, 3] as [Int64] {
                insert.bind(1, value)
                insert.bind(2, utf8: bytes)
                if value == 1, database.changeCount == 1, try database.integer("SELECT count(*) FROM t") == 2 {
                    #expect(#expect(throws: SQLiteError.self) { try insert.run() }?.kind == .constraint)
                } else {
                    try insert.run()
                }
            }
        }
        #expect(try database.text("SELECT group_concat(x || y) FROM t") == "1été,2été,3été")
        insert.bind(9, 1)
        #expect(throws: SQLiteError.self) { try insert.run() }
    }

    @Test func anEmptyText_isNotNull() throws {
        let database = try Database(path: directory("a.db"), busyMillisMax: 10)
        let statement = try database.prepare("SELECT typeof(?1), typeof(?2)")
        statement.bind(1, utf8: UnsafeBufferPointer(start: nil, count: 0))
        statement.bindNull(2)
        #expect(try statement.step())
        #expect(statement.text(0) == "text")
        #expect(statement.text(1) == "null")
    }

    @Test func specialNames_areOrdinaryFiles() throws {
        #expect(Database.version.hasPrefix("3."))
        try Database(path: directory(":memory:"), busyMillisMax: 10).execute("CREATE TABLE t (x)")
        #expect(try Database(path: directory(":memory:"), busyMillisMax: 10).integer("SELECT count(*) FROM sqlite_schema") == 1)
    }
}

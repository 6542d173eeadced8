internal import CSQLite

/// A connection to one SQLite file, used by one thread.
public final class Database {
    /// Done once, before SQLite does anything; if somebody was faster, it only stays slower.
    private static let isSetUp = mkt_sqlite_forget_memory() == SQLITE_OK

    let handle: OpaquePointer
    /// Held for SQLite's callback.
    private var watch: (() -> Bool)?

    /// Opens a file, and makes it if it is not there.
    ///
    /// Nothing is read or written before the first statement, so a file that is no database is told only then.
    ///
    /// - Parameters:
    ///   - path: A path of the file system. SQLite's special names (`:memory:`, `file:…`) are ordinary names here.
    ///   - busyMillisMax: How long a statement waits for somebody else's lock before it fails as `busy`.
    public convenience init(path: String, busyMillisMax: Int32) throws(SQLiteError) {
        try self.init(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, busyMillisMax)
    }

    /// Opens a file that is there, and can then only read it, whatever the statements say.
    public convenience init(readingPath path: String, busyMillisMax: Int32) throws(SQLiteError) {
        try self.init(path, SQLITE_OPEN_READONLY, busyMillisMax)
        try execute("PRAGMA query_only = 1")
    }

    private init(_ path: String, _ mode: Int32, _ busyMillisMax: Int32) throws(SQLiteError) {
        _ = Database.isSetUp
        var opened: OpaquePointer?
        let flags = mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(path.hasPrefix("/") ? path : "./" + path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(opened)
            throw SQLiteError(code: code, message: message)
        }
        handle = opened
        sqlite3_busy_timeout(handle, busyMillisMax)
    }

    // Statements that are still alive keep the connection open until they are gone too.
    deinit { sqlite3_close_v2(handle) }

    /// The error that `code` of the last call stands for.
    func error(_ code: Int32) -> SQLiteError {
        SQLiteError(code: code, message: String(cString: sqlite3_errmsg(handle)))
    }

    /// Runs statements separated by semicolons; rows that they give are thrown away.
    public func execute(_ sql: String) throws(SQLiteError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code) }
    }

    /// Compiles one statement, to be run many times.
    public func prepare(_ sql: String) throws(SQLiteError) -> Statement {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else {
            throw code == SQLITE_OK ? SQLiteError(code: SQLITE_MISUSE, message: "no statement in the text") : error(code)
        }
        return Statement(statement, of: self)
    }

    /// The same for a text that must hold exactly one statement.
    public func prepareOnly(_ sql: String) throws(SQLiteError) -> Statement {
        let statement = try prepare(sql)
        var rest: String? = sql
        var count = 0
        while let text = rest, !text.isEmpty {
            var next: OpaquePointer?
            var after: String?
            let code = text.withCString { start in
                var tail: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v3(handle, start, -1, 0, &next, &tail)
                after = tail.map { String(cString: $0) }
                return code
            }
            if next != nil || code != SQLITE_OK { count += 1 }
            sqlite3_finalize(next)
            guard count < 2 else { throw SQLiteError(code: SQLITE_MISUSE, message: "more than one statement in the text") }
            rest = after
        }
        return statement
    }

    /// Lets the caller end statements that are running: asked every some thousand steps of SQLite's machine, `goesOn` says whether they go on.
    public func watchStatements(_ goesOn: @escaping () -> Bool) {
        watch = goesOn
        sqlite3_progress_handler(
            handle, 10_000,
            { context in
                guard let context else { return 0 }
                return Unmanaged<Database>.fromOpaque(context).takeUnretainedValue().watch?() == false ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// The whole number in the first column of the first row; 0 where there is none.
    public func integer(_ sql: String) throws(SQLiteError) -> Int64 {
        let statement = try prepare(sql)
        return try statement.step() ? statement.integer(0) : 0
    }

    /// The text in the first column of the first row; empty where there is none.
    public func text(_ sql: String) throws(SQLiteError) -> String {
        let statement = try prepare(sql)
        return try statement.step() ? statement.text(0) : ""
    }

    /// Rows that the last statement put in, changed or took away.
    public var changeCount: Int64 { sqlite3_changes64(handle) }

    /// The rowid of the last row that was put in.
    public var lastRowID: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Whether a transaction is open. After some errors SQLite has rolled it back by itself.
    public var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// SQLite's own version, such as `3.40.1`.
    public static var version: String { String(cString: sqlite3_libversion()) }
}

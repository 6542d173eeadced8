internal import CSQLite

/// A connection to one SQLite file, used by one thread.
public final class Database {
    /// Done once, before SQLite does anything; if somebody was faster, it only stays slower.
    private static let isSetUp = mkt_sqlite_forget_memory() == SQLITE_OK

    let handle: OpaquePointer

    /// Opens a file, and makes it if it is not there.
    ///
    /// Nothing is read or written before the first statement, so a file that is no database is told only then.
    ///
    /// - Parameters:
    ///   - path: A path of the file system. SQLite's special names (`:memory:`, `file:…`) are ordinary names here.
    ///   - busyMillisMax: How long a statement waits for somebody else's lock before it fails as `busy`.
    public init(path: String, busyMillisMax: Int32) throws(SQLiteError) {
        _ = Database.isSetUp
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
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

internal import CSQLite

/// A compiled statement: bind its parameters (counted from 1), then `run` it or `step` through its rows.
public final class Statement {
    private let handle: OpaquePointer
    private let database: Database
    /// The first bind that failed since the last run, told by the next step.
    private var bindCode = SQLITE_OK

    init(_ handle: OpaquePointer, of database: Database) {
        self.handle = handle
        self.database = database
    }

    deinit { sqlite3_finalize(handle) }

    /// Binds a whole number.
    @inline(__always)
    public func bind(_ index: Int32, _ value: Int64) {
        note(sqlite3_bind_int64(handle, index, value))
    }

    /// Binds UTF-8 without copying it: the bytes must stay as they are until the statement has run.
    @inline(__always)
    public func bind(_ index: Int32, utf8 bytes: UnsafeBufferPointer<UInt8>) {
        // A nil address would bind NULL.
        let base = bytes.baseAddress ?? ("" as StaticString).utf8Start
        let code = base.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
            sqlite3_bind_text64(handle, index, $0, UInt64(bytes.count), nil, UInt8(SQLITE_UTF8))
        }
        note(code)
    }

    /// Binds NULL.
    @inline(__always)
    public func bindNull(_ index: Int32) {
        note(sqlite3_bind_null(handle, index))
    }

    @inline(__always)
    private func note(_ code: Int32) {
        if code != SQLITE_OK, bindCode == SQLITE_OK { bindCode = code }
    }

    /// Runs a statement that gives no rows, and makes it ready to be bound again.
    @inline(__always)
    public func run() throws(SQLiteError) {
        if try step() { reset() }
    }

    /// Goes to the next row; false after the last one, and then the statement is ready to be bound again.
    public func step() throws(SQLiteError) -> Bool {
        guard bindCode == SQLITE_OK else {
            let code = bindCode
            bindCode = SQLITE_OK
            throw database.error(code)
        }
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        // The message belongs to the step, so it is read before the reset.
        let fault = code == SQLITE_DONE ? nil : database.error(code)
        reset()
        if let fault { throw fault }
        return false
    }

    /// Leaves the rows that were not read.
    public func reset() { sqlite3_reset(handle) }

    /// How SQLite stores a value: the value's own, not its column's.
    public enum Storage: Sendable {
        case null, integer, real, text, blob
    }

    /// Columns that a row has; 0 for a statement that gives none.
    public var columnCount: Int32 { sqlite3_column_count(handle) }

    /// How the value in a column of the row is stored. Asked before the value, which may be converted then.
    public func storage(_ column: Int32) -> Storage {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: .integer
        case SQLITE_FLOAT: .real
        case SQLITE_TEXT: .text
        case SQLITE_BLOB: .blob
        default: .null
        }
    }

    /// The bytes of a text in a column of the row, valid until the next step; they are UTF-8 only if whoever stored them took care.
    public func utf8(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
        let text = sqlite3_column_text(handle, column)
        return UnsafeBufferPointer(start: text, count: text == nil ? 0 : Int(sqlite3_column_bytes(handle, column)))
    }

    /// A column of the row (counted from 0) as a whole number; 0 for NULL.
    public func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    /// A column of the row as text; empty for NULL.
    public func text(_ column: Int32) -> String {
        guard let text = sqlite3_column_text(handle, column) else { return "" }
        let bytes = UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(handle, column)))
        return String(decoding: bytes, as: UTF8.self)
    }
}

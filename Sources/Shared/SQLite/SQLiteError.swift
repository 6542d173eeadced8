internal import CSQLite

/// What SQLite refused, in its own words.
public struct SQLiteError: Error, Equatable, Sendable {
    /// What can be done about it, told by SQLite's primary result code.
    public enum Kind: Sendable {
        /// Somebody else holds a lock, and held it longer than we wait.
        case busy
        /// The path cannot be opened or made.
        case cannotOpen
        /// The file or its directory may not be written.
        case readOnly
        /// The file is something else than a database.
        case notADatabase
        /// The file is a database that is damaged.
        case corrupt
        /// The disk is full.
        case full
        /// Reading or writing the file failed.
        case ioError
        /// A row breaks a rule of its table.
        case constraint
        /// `Database.watchStatements` ended it.
        case interrupted
        case other
    }

    public let kind: Kind
    /// SQLite's extended result code (<https://sqlite.org/rescode.html>).
    public let code: Int32
    /// SQLite's message, without a full stop.
    public let message: String

    init(code: Int32, message: String) {
        self.code = code
        self.message = message
        kind = SQLiteError.kind(code & 0xFF)
    }

    private static func kind(_ primary: Int32) -> Kind {
        switch primary {
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        case SQLITE_CANTOPEN: .cannotOpen
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: .readOnly
        case SQLITE_NOTADB: .notADatabase
        case SQLITE_CORRUPT: .corrupt
        case SQLITE_FULL: .full
        case SQLITE_IOERR: .ioError
        case SQLITE_CONSTRAINT: .constraint
        case SQLITE_INTERRUPT: .interrupted
        default: .other
        }
    }
}

extension SQLiteError: CustomStringConvertible {
    public var description: String { "\(message) (SQLite \(code))" }
}

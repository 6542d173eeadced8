/// What a server refused, or why it cannot be asked.
///
/// No text of it holds SQL, a password, or more of a row than the server puts into its own message.
public struct PostgresError: Error, Equatable, Sendable {
    /// What can be done about it; told by the SQLSTATE where the server gave one.
    public enum Kind: Sendable {
        /// The text is no address of a database.
        case badAddress
        /// Nobody answers, or the connection is gone.
        case unreachable
        /// A password or certificate is missing or wrong, or the user may not come in (28xxx).
        case refusedCredentials
        /// A database, relation, column or function that is not there, wrong SQL, a right that is missing, a value that an expression cannot take
        /// (3D000, 3F000, 42xxx, 22xxx).
        case wrongSQL
        /// Something was to be written (25006).
        case readOnly
        /// A statement took too long, or somebody cancelled it (57014).
        case timedOut
        /// The server is starting or going down (57P01 to 57P03).
        case shuttingDown
        /// The caller's wake descriptor ended the wait.
        case stopped
        case other
    }

    public let kind: Kind
    /// Five characters (<https://www.postgresql.org/docs/current/errcodes-appendix.html>); empty where the server did not speak.
    public let sqlState: String
    /// One line, without a full stop.
    public let message: String

    init(_ kind: Kind, _ message: String, sqlState: String = "") {
        self.kind = kind
        self.sqlState = sqlState
        self.message = message
    }

    /// What the server says with a SQLSTATE.
    init(sqlState: String, message: String) {
        self.init(PostgresError.kind(sqlState), message, sqlState: sqlState)
    }

    private static func kind(_ state: String) -> Kind {
        switch state {
        case "25006": return .readOnly
        case "57014": return .timedOut
        case "57P01", "57P02", "57P03": return .shuttingDown
        case "3D000", "3F000": return .wrongSQL
        default: break
        }
        return switch state.prefix(2) {
        case "28": .refusedCredentials
        case "22", "42": .wrongSQL
        default: .other
        }
    }
}

extension PostgresError: CustomStringConvertible {
    public var description: String { sqlState.isEmpty ? message : "\(message) (PostgreSQL \(sqlState))" }
}

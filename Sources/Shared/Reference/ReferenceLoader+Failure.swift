import Postgres
import SQLite
import UnixTool

/// What a database refused, as an exit status and a line that says what to do.
extension ReferenceLoader {
    func failure(_ error: any Error) -> ToolFailure {
        let fault = error as? QueryFault
        let place = fault.map { "\(source): query \($0.query.rawValue): " } ?? "\(source): "
        switch fault?.cause ?? error {
        case let error as PostgresError: return failure(error, place, fault?.query)
        case let error as SQLiteError: return failure(error, place, fault?.query)
        case let error as ToolFailure: return ToolFailure(error.status, "\(source): \(error.message)")
        case let error: return ToolFailure(.bug, "\(place)\(error)")
        }
    }

    private func failure(_ error: PostgresError, _ place: String, _ query: ReferenceQuery?) -> ToolFailure {
        let told = "\(place)\(error)"
        return switch error.kind {
        case .badAddress: ToolFailure(.configuration, "\(told); correct the address")
        case .unreachable: ToolFailure(.unavailable, "\(told); check the address and that the server runs")
        case .refusedCredentials:
            ToolFailure(.credentialsRefused, "\(told); give the user in the address and the password in PGPASSWORD or ~/.pgpass")
        case .wrongSQL where error.sqlState == "42501": ToolFailure(.configuration, "\(told); GRANT SELECT on it to the user")
        case .wrongSQL: ToolFailure(.configuration, "\(told); \(remedy(query))")
        case .readOnly: ToolFailure(.configuration, "\(told); reference data is only read: give a SELECT that changes nothing")
        case .timedOut: ToolFailure(.unavailable, "\(told); narrow the query, add an index, or allow it more time")
        case .shuttingDown: ToolFailure(.unavailable, "\(told); try again when the server is up")
        case .stopped: ToolFailure(.tryLater, "\(told); nothing was loaded")
        case .other: ToolFailure(.unavailable, "\(told); see the server's log")
        }
    }

    private func failure(_ error: SQLiteError, _ place: String, _ query: ReferenceQuery?) -> ToolFailure {
        let told = place + ReferenceLoader.shown(error.message)
        return switch error.kind {
        case .busy: ToolFailure(.tryLater, "\(told): another program writes to it; try again later")
        case .cannotOpen: ToolFailure(.noInput, "\(told); check the path and its permissions")
        case .readOnly where query != nil:
            ToolFailure(.configuration, "\(told); reference data is only read: give a SELECT that changes nothing")
        case .readOnly:
            ToolFailure(.unavailable, "\(told); reading a database in WAL mode needs its -shm file: let whoever writes it open it first")
        case .notADatabase: ToolFailure(.configuration, "\(told); name a file that SQLite has made")
        case .corrupt, .full, .ioError: ToolFailure(.ioError, "\(told); check the file and its disk")
        case .interrupted:
            ToolFailure(
                .unavailable, "\(place)took longer than \(settings.statementMicrosMax / 1000) ms; narrow the query, or add an index")
        case .constraint, .other: ToolFailure(.configuration, "\(told); \(remedy(query))")
        }
    }

    private func remedy(_ query: ReferenceQuery?) -> String {
        guard let query else { return "check the address" }
        return "create what is missing (docs/reference.md), or give the query '\(query.rawValue)' in [database.queries]"
    }

    /// SQLite's message without what it repeats of the statement.
    private static func shown(_ message: String) -> String {
        if message.hasPrefix("unrecognized token") || message.hasPrefix("near \"") { return "syntax error" }
        return message
    }
}

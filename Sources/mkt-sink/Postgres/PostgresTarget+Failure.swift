import Postgres
import UnixTool

extension PostgresTarget {
    /// Whether it may go better later: the server is away, full, busy, or a standby for now.
    static func isPassing(_ error: PostgresError) -> Bool {
        switch error.kind {
        case .unreachable, .timedOut, .shuttingDown, .readOnly: return true
        case .badAddress, .refusedCredentials, .wrongSQL, .stopped, .other: break
        }
        // Lost connections, transactions that met, no room or memory, locks that somebody holds, the operator, the disk.
        return ["08", "40", "53", "55", "57", "58"].contains(String(error.sqlState.prefix(2)))
            // And what a server cannot do for itself, such as writing its own files while the disk is full.
            || ["25P03", "25P04", "XX000"].contains(error.sqlState)
    }

    /// What is about the session, the transaction, rights, tables and the server.
    private static let statesOfOthers: Set<String> = [
        "", "08", "0A", "25", "26", "28", "2D", "34", "3D", "3F", "40", "42", "53", "55", "57", "58", "72", "F0", "HV", "XX",
    ]

    /// Whether a row is at fault: its values, a constraint or a trigger that refuses it, with whatever state of its own, or its size.
    static func isOfRow(_ error: PostgresError) -> Bool { !statesOfOthers.contains(String(error.sqlState.prefix(2))) }

    /// Whether it was too much at a time: too slow for the limit of a statement, or more locks or memory than there are.
    static func isHeavy(_ error: PostgresError) -> Bool { error.sqlState == "57014" || error.sqlState == "53200" }

    /// What PostgreSQL refused, as an exit status and a line that says what to do.
    static func failure(_ error: any Error, _ address: PostgresAddress, isPreparing: Bool = false) -> ToolFailure {
        guard let error = error as? PostgresError else {
            return error as? ToolFailure ?? ToolFailure(.bug, "\(address): \(error)")
        }
        switch error.kind {
        case .refusedCredentials:
            return ToolFailure(.credentialsRefused, "\(address): \(error); correct user or password (PGPASSFILE, PGPASSWORD)")
        case .badAddress: return ToolFailure(.configuration, "\(address): \(error); correct the address")
        case .wrongSQL where error.sqlState == "42501":
            let advice =
                isPreparing ? "run --init as the owner of the database" : "let its owner run --init, and grant mkt_writer to this user"
            return ToolFailure(.credentialsRefused, "\(address): \(error); \(advice)")
        case .wrongSQL where error.sqlState == "3D000":
            return ToolFailure(.unavailable, "\(address): \(error); make the database, then mkt-sink --init")
        case _ where isPassing(error):
            return ToolFailure(.tryLater, "\(address): \(error); try again later, nothing is stored twice")
        default: return ToolFailure(.unavailable, "\(address) refuses: \(error); compare its tables with mkt-sink --schema")
        }
    }
}

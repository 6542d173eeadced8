internal import CPostgres

/// One session with a server, used by one caller at a time; it cannot write unless that is asked for.
///
/// It waits, but never longer than its limits say, and a descriptor of the caller's ends every wait. TLS is libpq's own affair: `sslmode`
/// and its like in the address, or the PG* variables of the environment.
public final class PostgresConnection: @unchecked Sendable {
    // @unchecked: the pool hands a connection to one taker, and a taker is one thread.
    let limits: PostgresLimits
    /// What a session may do.
    public enum Access: Sendable {
        /// Every transaction is read only.
        case reading
        case writing
    }
    /// Nil once it is closed.
    private(set) var handle: OpaquePointer?

    /// Opens a session.
    ///
    /// - Parameters:
    ///   - wake: A descriptor that ends the waiting when it becomes readable; -1 for none.
    public init(
        _ address: PostgresAddress, limits: PostgresLimits, access: Access = .reading, wake: Int32 = -1
    ) throws(PostgresError) {
        self.limits = limits
        handle = PostgresConnection.begin(address)
        guard handle != nil else { throw PostgresError(.other, "out of memory") }
        do {
            try finishOpening(wake)
            try settle(access, wake)
        } catch {
            close()
            throw error
        }
    }

    deinit { close() }

    /// Ends the session without waiting for anybody.
    public func close() {
        if let handle { PQfinish(handle) }
        handle = nil
    }

    /// The socket, for somebody else's poll; -1 once it is closed. It may be another one after each call.
    public var descriptor: Int32 { handle.map { PQsocket($0) } ?? -1 }

    /// Whether it could be asked something now: open, no transaction, and nothing heard of an end.
    public var isHealthy: Bool {
        guard let handle else { return false }
        // What came while nobody looked may be the server's farewell.
        if SocketWait.isReadable(PQsocket(handle)), PQconsumeInput(handle) == 0 { return false }
        return PQstatus(handle) == CONNECTION_OK && PQtransactionStatus(handle) == PQTRANS_IDLE
    }

    /// Whether a transaction is open in which statements are still taken.
    public var isInTransaction: Bool { handle.map { PQtransactionStatus($0) == PQTRANS_INTRANS } ?? false }

    /// What the session is from its first statement on, whatever role and database say.
    private func settle(_ access: Access, _ wake: Int32) throws(PostgresError) {
        let millis = "\(limits.statementMicrosMax / 1000)"
        _ = try query(
            """
            SELECT set_config('default_transaction_read_only', $2, false), set_config('statement_timeout', $1, false),
                   set_config('idle_in_transaction_session_timeout', $1, false)
            """, [millis, access == .reading ? "on" : "off"], wake: wake)
    }

    /// The same message without the password, and on one line: some of what libpq says has the caller's words in it.
    func cleaned(_ message: String) -> String {
        let line = String(message.map { $0.isNewline || $0 == "\t" ? " " : $0 })
        // A shorter one would show by its being masked.
        guard let handle, let pass = PQpass(handle).map({ String(cString: $0) }), pass.utf8.count >= 4 else { return line }
        return line.replacing(pass, with: "****")
    }
}

internal import CPostgres
internal import Glibc

extension PostgresConnection {
    /// Begins to connect; nil only where memory is out.
    static func begin(_ address: PostgresAddress) -> OpaquePointer? {
        // What stands before the address, it may say otherwise; what stands after it, not.
        let options = [
            // A peer that is gone without a word is found while nothing is said for hours.
            ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
            ("dbname", address.text),
            ("application_name", "mktpipe"), ("client_encoding", "UTF8"),
        ]
        let keywords = options.map { strdup($0.0) } + [nil]
        let values = options.map { strdup($0.1) } + [nil]
        defer { (keywords + values).forEach { free($0) } }
        return keywords.map { UnsafePointer($0) }.withUnsafeBufferPointer { keywords in
            values.map { UnsafePointer($0) }.withUnsafeBufferPointer { PQconnectStartParams(keywords.baseAddress, $0.baseAddress, 1) }
        }
    }

    /// Drives the connection to its end, good or bad.
    func finishOpening(_ wake: Int32) throws(PostgresError) {
        guard let handle else { return }
        // Else libpq writes to standard error.
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
        // Only so is the SQLSTATE of a refusal told.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        let deadline = SocketWait.now() + limits.connectMicrosMax
        var state = PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            guard state != PGRES_POLLING_FAILED else { throw refusal(handle) }
            switch SocketWait.wait(PQsocket(handle), writing: state == PGRES_POLLING_WRITING, until: deadline, wake: wake) {
            case .ready: state = PQconnectPoll(handle)
            case .timedOut:
                throw PostgresError(.unreachable, "the server did not answer within \(limits.connectMicrosMax / 1000) ms")
            case .woken: throw PostgresError(.stopped, "stopped while connecting")
            }
        }
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        // Else a server that takes nothing could hold us up.
        PQsetnonblocking(handle, 1)
    }

    /// Why there is no session. Of several hosts the one that asked for other credentials counts, or else the last.
    private func refusal(_ handle: OpaquePointer) -> PostgresError {
        // Each host has a line; what follows it is indented, or tells where in the server's source that was.
        let lines = String(cString: PQerrorMessage(handle)).split(whereSeparator: \.isNewline).filter {
            !$0.hasPrefix("\t") && !$0.hasPrefix(" ") && !$0.hasPrefix("LOCATION:") && !$0.hasPrefix("DETAIL:") && !$0.hasPrefix("HINT:")
        }
        let refusals = lines.map { refusal(line: $0) }
        let isRefused = PQconnectionNeedsPassword(handle) == 1
        if let refused = refusals.first(where: { $0.kind == .refusedCredentials }) { return refused }
        guard let last = refusals.last else { return PostgresError(.unreachable, "the connection failed") }
        return isRefused ? PostgresError(.refusedCredentials, "the server asks for a password and there is none") : last
    }

    /// One host's: `connection to server at "::1", port 5432 failed: FATAL:  28P01: password authentication failed for user "me"`.
    private func refusal(line: Substring) -> PostgresError {
        let message = cleaned(String(line))
        if let match = message.firstMatch(of: #/: {2}([0-9A-Z]{5}): /#) {
            let plain = message[..<match.range.lowerBound] + ": " + message[match.range.upperBound...]
            return PostgresError(sqlState: String(match.1), message: String(plain))
        }
        // libpq's own words about options come before it has tried anything.
        return PostgresError(message.hasPrefix("invalid ") ? .badAddress : .unreachable, message)
    }
}

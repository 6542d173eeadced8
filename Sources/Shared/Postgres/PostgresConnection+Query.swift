internal import CPostgres
internal import Glibc

extension PostgresConnection {
    /// Runs one statement and gives its rows; nil stands for NULL.
    ///
    /// - Parameters:
    ///   - parameters: The values of `$1`, `$2` …
    ///   - wake: A descriptor that ends the waiting when it becomes readable; -1 for none.
    public func query(_ sql: String, _ parameters: [String?] = [], wake: Int32 = -1) throws(PostgresError) -> [[String?]] {
        var rows: [[String?]] = []
        do {
            try stream(sql, parameters, wake: wake) { row in rows.append((0..<row.columnCount).map(row.text)) }
        } catch {
            throw error as? PostgresError ?? PostgresError(.other, "\(error)")
        }
        return rows
    }

    /// Runs one statement and hands over its rows one by one as they come; none is kept. Gives the number of columns, 0 for a statement without rows.
    ///
    /// Where the caller throws in the middle of the rows, or a wait has no good end, the session is closed.
    @discardableResult
    public func stream(
        _ sql: String, _ parameters: [String?] = [], wake: Int32 = -1, row take: (PostgresRow) throws -> Void
    ) throws -> Int {
        var columnCount = 0
        try run(sql, parameters, wake) { result in
            switch PQresultStatus(result) {
            case PGRES_SINGLE_TUPLE:
                columnCount = Int(PQnfields(result))
                try take(PostgresRow(result))
            case PGRES_TUPLES_OK: columnCount = Int(PQnfields(result))
            case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
            // COPY, whose data nobody here would take or give.
            default: throw PostgresError(.wrongSQL, "the statement copies instead of giving rows")
            }
        }
        return columnCount
    }

    /// Begins to listen; whatever was said on the channel from now on is told by `takeNotifications`.
    ///
    /// - Parameter channel: A plain name of lower-case letters and `_`.
    public func listen(_ channel: String, wake: Int32 = -1) throws(PostgresError) {
        precondition(channel.allSatisfy { $0 == "_" || ("a"..."z").contains($0) }, "\(channel) needs quotes")
        _ = try query("LISTEN \(channel)", wake: wake)
    }

    /// Takes in what the socket has, without waiting, and gives the channels of the notifications, one for each.
    public func takeNotifications() throws(PostgresError) -> [String] {
        guard let handle else { throw PostgresError(.unreachable, "the connection is closed") }
        let isTaken = !SocketWait.isReadable(PQsocket(handle)) || PQconsumeInput(handle) == 1
        // Once it is lost libpq has no socket any more, and nothing to read.
        guard isTaken, PQstatus(handle) == CONNECTION_OK else { throw loss(handle) }
        var channels: [String] = []
        while let notification = PQnotifies(handle) {
            channels.append(String(cString: notification.pointee.relname))
            PQfreemem(notification)
        }
        return channels
    }

    // MARK: One statement

    private func run(_ sql: String, _ parameters: [String?], _ wake: Int32, take: (OpaquePointer) throws -> Void) throws {
        guard let handle else { throw PostgresError(.unreachable, "the connection is closed") }
        do {
            try send(handle, sql, parameters)
            let deadline = SocketWait.now() + limits.answerMicrosMax
            var fault: PostgresError?
            while let result = try nextResult(handle, deadline, wake) {
                defer { PQclear(result) }
                if PQresultStatus(result) == PGRES_FATAL_ERROR {
                    // The first one is the cause; a connection that breaks adds another.
                    fault = fault ?? self.fault(result, handle)
                } else {
                    try take(result)
                }
            }
            if let fault { throw fault }
            guard PQstatus(handle) == CONNECTION_OK else { throw loss(handle) }
        } catch {
            // In the middle of an answer nothing else can be asked; between two, the server's refusal leaves the session as it was.
            if PQtransactionStatus(handle) == PQTRANS_ACTIVE || PQstatus(handle) != CONNECTION_OK { close() }
            throw error
        }
    }

    private func send(_ handle: OpaquePointer, _ sql: String, _ parameters: [String?]) throws(PostgresError) {
        let values = parameters.map { $0.map { strdup($0) } ?? nil }
        defer { values.forEach { free($0) } }
        // With parameters, even without one, the protocol takes exactly one statement.
        let isSent = values.map { UnsafePointer($0) }.withUnsafeBufferPointer {
            PQsendQueryParams(handle, sql, Int32(parameters.count), nil, $0.baseAddress, nil, nil, 0)
        }
        guard isSent == 1, PQsetSingleRowMode(handle) == 1 else { throw loss(handle) }
    }

    /// The next part of the answer; nil behind the last.
    func nextResult(_ handle: OpaquePointer, _ deadline: Int64, _ wake: Int32) throws(PostgresError) -> OpaquePointer? {
        var unsent = PQflush(handle)
        while unsent == 1 || PQisBusy(handle) == 1 {
            switch SocketWait.wait(PQsocket(handle), writing: unsent == 1, until: deadline, wake: wake) {
            case .ready: break
            case .timedOut:
                throw PostgresError(.timedOut, "the server gave no whole answer within \(limits.answerMicrosMax / 1000) ms")
            case .woken: throw PostgresError(.stopped, "stopped while a statement ran")
            }
            // Its failure shows in the result, which holds the server's last words.
            if PQconsumeInput(handle) == 0 { break }
            if unsent == 1 { unsent = PQflush(handle) }
        }
        return PQgetResult(handle)
    }

    // MARK: Faults

    func fault(_ result: OpaquePointer, _ handle: OpaquePointer) -> PostgresError {
        guard let state = field(result, mkt_pg_sqlstate), let message = field(result, mkt_pg_message) else { return loss(handle) }
        // The message of a syntax error repeats the statement from there on.
        if state == "42601" {
            let place = field(result, mkt_pg_position).map { " at character \($0)" } ?? "; give one statement"
            return PostgresError(sqlState: state, message: "syntax error\(place)")
        }
        return PostgresError(sqlState: state, message: cleaned(message))
    }

    private func field(_ result: OpaquePointer, _ code: Int32) -> String? {
        PQresultErrorField(result, code).map { String(cString: $0) }
    }

    func loss(_ handle: OpaquePointer) -> PostgresError {
        let words = String(cString: PQerrorMessage(handle)).split(whereSeparator: \.isNewline).first.map(String.init)
        return PostgresError(.unreachable, cleaned(words ?? "the connection is gone"))
    }
}

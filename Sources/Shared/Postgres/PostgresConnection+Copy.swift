internal import CPostgres
internal import Glibc

extension PostgresConnection {
    /// Gives rows to `COPY … FROM STDIN`, and waits until the server has them all. Gives how many it took.
    ///
    /// Where the server refuses a row it takes none of them, and an open transaction is lost; the session stays.
    ///
    /// - Parameters:
    ///   - sql: The COPY statement, which says in what format `bytes` are.
    ///   - bytes: All of it, head and end included.
    public func copy(_ sql: String, _ bytes: UnsafeRawBufferPointer, wake: Int32 = -1) throws(PostgresError) -> Int64 {
        guard let handle else { throw PostgresError(.unreachable, "the connection is closed") }
        do throws(PostgresError) {
            guard PQsendQuery(handle, sql) == 1 else { throw loss(handle) }
            try begin(handle, wake)
            try put(handle, bytes, wake)
            return try end(handle, wake)
        } catch {
            // In the middle of a copy nothing else can be asked.
            if PQtransactionStatus(handle) == PQTRANS_ACTIVE || PQstatus(handle) != CONNECTION_OK { close() }
            throw error
        }
    }

    /// Waits until the server wants rows.
    private func begin(_ handle: OpaquePointer, _ wake: Int32) throws(PostgresError) {
        guard let result = try nextResult(handle, SocketWait.now() + limits.answerMicrosMax, wake) else { throw loss(handle) }
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_COPY_IN: return
        case PGRES_FATAL_ERROR:
            let fault = fault(result, handle)
            try drain(handle, wake)
            throw fault
        default: throw PostgresError(.wrongSQL, "the statement takes no rows")
        }
    }

    private func put(_ handle: OpaquePointer, _ bytes: UnsafeRawBufferPointer, _ wake: Int32) throws(PostgresError) {
        let pieceBytes = 1 << 16
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(pieceBytes))
            let code = PQputCopyData(handle, piece.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(piece.count))
            if code < 0 { throw loss(handle) }
            if code == 1 { rest = rest.dropFirst(piece.count) }
            try flush(handle, wake)
        }
        while true {
            let code = PQputCopyEnd(handle, nil)
            if code < 0 { throw loss(handle) }
            if code == 1 { return }
            try flush(handle, wake)
        }
    }

    /// Writes what libpq holds, until the server has taken all of it.
    private func flush(_ handle: OpaquePointer, _ wake: Int32) throws(PostgresError) {
        let deadline = SocketWait.now() + limits.answerMicrosMax
        while true {
            let unsent = PQflush(handle)
            if unsent < 0 { throw loss(handle) }
            if unsent == 0 { return }
            switch SocketWait.wait(PQsocket(handle), writing: true, until: deadline, wake: wake) {
            case .ready:
                // What it says in between, a refusal too, is kept for the end.
                if PQconsumeInput(handle) == 0 { throw loss(handle) }
            case .timedOut: throw PostgresError(.timedOut, "the server took no rows for \(limits.answerMicrosMax / 1000) ms")
            case .woken: throw PostgresError(.stopped, "stopped while rows were given")
            }
        }
    }

    private func end(_ handle: OpaquePointer, _ wake: Int32) throws(PostgresError) -> Int64 {
        let deadline = SocketWait.now() + limits.answerMicrosMax
        var count: Int64?
        var refusal: PostgresError?
        while let result = try nextResult(handle, deadline, wake) {
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK: count = Int64(String(cString: PQcmdTuples(result)))
            case PGRES_FATAL_ERROR: refusal = refusal ?? fault(result, handle)
            default: refusal = refusal ?? PostgresError(.wrongSQL, "the statement copies in another way")
            }
        }
        if let refusal { throw refusal }
        guard PQstatus(handle) == CONNECTION_OK, let count else { throw loss(handle) }
        return count
    }

    private func drain(_ handle: OpaquePointer, _ wake: Int32) throws(PostgresError) {
        let deadline = SocketWait.now() + limits.answerMicrosMax
        while let result = try nextResult(handle, deadline, wake) { PQclear(result) }
    }
}

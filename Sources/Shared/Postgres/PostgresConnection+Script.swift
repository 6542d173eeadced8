internal import CPostgres
internal import Glibc

extension PostgresConnection {
    /// Runs a script of several statements, whose rows nobody wants. Fails at the first that is refused; an open transaction is then lost.
    public func execute(script sql: String, wake: Int32 = -1) throws(PostgresError) {
        guard let handle else { throw PostgresError(.unreachable, "the connection is closed") }
        do throws(PostgresError) {
            guard PQsendQuery(handle, sql) == 1 else { throw loss(handle) }
            let deadline = SocketWait.now() + limits.answerMicrosMax
            var refusal: PostgresError?
            while let result = try nextResult(handle, deadline, wake) {
                defer { PQclear(result) }
                switch PQresultStatus(result) {
                case PGRES_FATAL_ERROR: refusal = refusal ?? fault(result, handle)
                case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                    throw PostgresError(.wrongSQL, "the script copies, and nobody takes or gives its rows")
                default: break
                }
            }
            if let refusal { throw refusal }
            guard PQstatus(handle) == CONNECTION_OK else { throw loss(handle) }
        } catch {
            if PQtransactionStatus(handle) == PQTRANS_ACTIVE || PQstatus(handle) != CONNECTION_OK { close() }
            throw error
        }
    }
}

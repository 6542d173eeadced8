import Postgres

/// What a batch is stored with. One thread has it at a time: that of the stream, or for one try the one that stores.
final class PostgresDesk: @unchecked Sendable {
    // @unchecked: it is handed over with the start of a thread and taken back when that thread has ended (`PostgresTarget.land`).

    /// Nil while the database is away.
    var connection: PostgresConnection?
    /// What is being stored; empty once it is.
    var batch = PostgresBatch()
    var store: PostgresStore
    /// Why the try failed.
    var failure: (any Error)?

    init(_ store: PostgresStore) { self.store = store }

    /// One try.
    func storeOnce(_ connection: PostgresConnection) {
        do {
            try store.store(&batch, connection)
        } catch {
            failure = error
        }
    }
}

import MarketModel
import SQLite
import UnixTool

/// `sqlite:FILE`: a row an event, deduplicated by the event's identity, one transaction a batch.
final class SQLiteTarget: Target {
    /// How long somebody else may hold the database's lock before we give up.
    static let busyMillisMax: Int32 = 5000

    private let path: String
    private let isSpooled: Bool
    private let database: Database
    private let begin: Statement
    private let end: Statement
    private let texts: TextDictionary
    /// One for each kind, at the place of its raw value.
    private let writers: [TableWriter]
    private var commits: Int64 = 0

    /// Opens the database, and makes or migrates its tables.
    ///
    /// - Parameter isSpooled: Whether a row that the database refuses is told alone, and what is committed is on the disk for sure.
    init(path: String, isSpooled: Bool = false) throws(ToolFailure) {
        self.path = path
        self.isSpooled = isSpooled
        do {
            database = try Database(path: path, busyMillisMax: SQLiteTarget.busyMillisMax)
            try Schema().prepare(database, path: path)
            // What is committed is taken from the log: it must survive the end of the machine as the log would.
            if isSpooled { try database.execute("PRAGMA synchronous = FULL") }
            begin = try database.prepare("BEGIN IMMEDIATE")
            end = try database.prepare("COMMIT")
            texts = try TextDictionary(database)
            var writers: [TableWriter] = []
            for table in EventTable.all { writers.append(try TableWriter(table, database)) }
            self.writers = writers
        } catch let failure as ToolFailure {
            throw failure
        } catch {
            throw SQLiteTarget.failure(error, path: path)
        }
    }

    func take(_ line: UnsafeBufferPointer<UInt8>, _ row: borrowing EventRow) throws {
        do {
            if !database.isInTransaction { try begin.run() }
            try writers[Int(row.kind.rawValue)].write(row, texts)
        } catch  where error.isOfRow && isSpooled && database.isInTransaction {
            // SQLite has taken back this row alone.
            throw RowRefusal("\(error)")
        } catch {
            throw abandon(error, isOfLastRow: true)
        }
    }

    func commit() throws {
        guard database.isInTransaction else { return }
        do {
            try end.run()
            commits += 1
            for writer in writers { writer.end(isStored: true) }
        } catch {
            throw abandon(error, isOfLastRow: false)
        }
    }

    /// Takes the whole batch back, so that what is told as stored is what is there.
    private func abandon(_ error: any Error, isOfLastRow: Bool) -> any Error {
        let failure = SQLiteTarget.failure(error, path: path)
        if database.isInTransaction { try? database.execute("ROLLBACK") }
        for writer in writers { writer.end(isStored: false) }
        texts.forget()
        guard let error = error as? SQLiteError, error.isOfRow else { return failure }
        return BatchRefusal(failure: failure, reason: "\(error)", isOfLastRow: isOfLastRow)
    }

    func count(in counters: inout Counters) {
        counters.add("commits", commits)
        counters.add("duplicates", writers.reduce(0) { $0 + $1.duplicates })
        for writer in writers {
            if writer.inserted > 0 { counters.add("rows_\(writer.table.name)", writer.inserted) }
            if writer.duplicates > 0 { counters.add("duplicates_\(writer.table.name)", writer.duplicates) }
        }
    }
}

import Glibc
import Logging
import MarketModel
import Postgres
import UnixTool

/// `postgres://…`: a row an event, each batch one transaction, deduplicated by the event's identity.
///
/// The server takes a batch while the next one is filled: one is under way at the most, and whatever else has to be asked waits for it.
final class PostgresTarget: Target {
    static let limits = PostgresLimits(connectMicrosMax: 10_000_000, statementMicrosMax: 60_000_000)
    private static let waitMicrosMax: Int64 = 5_000_000
    private static let tellMicros: Int64 = 60_000_000
    private static let lookMicros: Int64 = 20_000
    /// Of more days' partitions a server may not have the locks for one transaction.
    private static let daysMax = 16
    /// So often a batch is tried that takes too long, or more memory than there is.
    private static let heavyTriesMax = 4

    private let address: PostgresAddress
    private let logger: Logger
    /// Whether a database that is away is waited for; otherwise that is told at once, and the target is of no more use.
    private let isPatient: Bool
    private let drainMicros: Int64
    /// When `--duration` is over, by the monotonic clock; nil for never.
    private let endMicros: Int64?
    /// When a wait saw first that the run was asked to end.
    private var stopMicros: Int64?
    private let names = PostgresNames()
    /// Nobody else's while `flight` is nil.
    private let desk = PostgresDesk(PostgresStore(progressName: MktSink.name))
    /// The thread that stores the desk's batch; nil while none is under way.
    private var flight: BackgroundThread?
    /// The batch that is filled.
    private var batch = PostgresBatch()
    /// Its rows; apart from it, since a row that is being put there may have to wait for its names.
    private var filledLines: Int64 = 0
    /// Rows of the desk's batch.
    private var flyingLines: Int64 = 0
    private var heldLines: Int64 { filledLines + flyingLines }
    /// What the store had counted when the desk was taken back last.
    private var (inserted, duplicates): ([Int64], [Int64]) = ([], [])
    private var commits: Int64 = 0
    private var reconnects: Int64 = 0

    /// Connects, and looks whether the tables are there.
    init(_ address: PostgresAddress, _ settings: CommonSettings, _ logger: Logger, isPatient: Bool = true) throws(ToolFailure) {
        self.address = address
        self.isPatient = isPatient
        self.logger = logger
        drainMicros = settings.drainMicros
        endMicros = settings.durationMicros.map { Clock.monotonicMicros() + $0 }
        do {
            try connect()
        } catch {
            throw PostgresTarget.failure(error, address)
        }
    }

    private func connect() throws {
        let fresh = try PostgresConnection(address, limits: PostgresTarget.limits, access: .writing)
        try PostgresTarget.checkVersion(fresh, address)
        guard try names.areSame(fresh) else {
            throw ToolFailure(
                .tryLater,
                "\(address) is another database than before, or has lost what it had: names have other numbers; "
                    + "\(heldLines) lines are not stored, give the same input again: nothing is stored twice")
        }
        try names.warm(fresh)
        // What is committed is taken from the log of a spool: it must survive the end of the server's machine as the log would.
        if !isPatient {
            _ = try fresh.query("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
        }
        desk.connection = fresh
    }

    private static func checkVersion(_ connection: PostgresConnection, _ address: PostgresAddress) throws {
        guard let found = try checkNewer(connection, address) else {
            throw ToolFailure(.unavailable, "\(address) has no tables of mktpipe; make them, as their owner: mkt-sink --init --to ADDRESS")
        }
        guard found == PostgresSchema.version else {
            let wanted = "bring it to \(PostgresSchema.version), as its owner: mkt-sink --init --to ADDRESS"
            throw ToolFailure(.unavailable, "\(address) is of schema \(found); \(wanted)")
        }
    }

    /// The version of the tables, which is not above ours; nil where there are none.
    @discardableResult
    static func checkNewer(_ connection: PostgresConnection, _ address: PostgresAddress) throws -> Int64? {
        guard try connection.query("SELECT to_regclass('mkt_meta') IS NOT NULL").first?.first == "t" else { return nil }
        let text = try connection.query("SELECT value FROM mkt_meta WHERE name = 'schema_version'").first?.first.flatMap { $0 }
        guard let found = text.flatMap(Int64.init) else { return nil }
        guard found <= PostgresSchema.version else {
            let told = "schema \(found), this one knows \(PostgresSchema.version)"
            throw ToolFailure(.unavailable, "\(address) was made by a newer mktpipe (\(told)); upgrade mktpipe")
        }
        return found
    }

    func take(_ line: UnsafeBufferPointer<UInt8>, _ row: borrowing EventRow) throws {
        if batch.days.count >= PostgresTarget.daysMax { try commit() }
        filledLines = batch.count + 1
        defer { filledLines = batch.count }
        try batch.append(row) { text in
            if let number = names.known(text) { return number }
            guard text.count <= PostgresNames.nameBytesMax else {
                throw RowRefusal("a name of \(text.count) bytes is longer than \(PostgresNames.nameBytesMax)")
            }
            guard !text.contains(0) else { throw RowRefusal("a name has a character that PostgreSQL cannot store (U+0000)") }
            return try number(of: text)
        }
    }

    private func number(of text: UnsafeBufferPointer<UInt8>) throws -> Int64 {
        try land()
        do {
            return try whenever { try names.number(of: text, $0) }
        } catch let error as PostgresError {
            throw RowRefusal("a name is refused: \(error)")
        }
    }

    /// Hands the batch over; it is stored when the next `commit`, or `end`, has returned.
    func commit() throws {
        try land()
        guard batch.count > 0 else { return }
        swap(&batch, &desk.batch)
        names.beginBatch()
        (flyingLines, filledLines) = (desk.batch.count, 0)
        // Whoever goes by what is stored must not hear of it before it is; and a database that is away is waited for here.
        guard isPatient, let connection = desk.connection else { return try store(after: nil) }
        let desk = desk
        flight = try? BackgroundThread { desk.storeOnce(connection) }
        // The system gives no thread: then this one stores it.
        if flight == nil { try store(after: nil) }
    }

    /// Takes the desk back. What went wrong meanwhile is tried again here, as if it had been tried here first.
    private func land() throws {
        guard waitForFlight() else { return }
        guard let failure = desk.failure else { return noteStored() }
        desk.failure = nil
        try store(after: failure)
    }

    /// False if none was under way.
    private func waitForFlight() -> Bool {
        guard let flight else { return false }
        // Every wait of a session has its limit, so this one has.
        while !flight.join(millisMax: .max) {}
        self.flight = nil
        return true
    }

    /// Stores the desk's batch, however long that takes; `failure` is what the first try came to, if there was one.
    private func store(after failure: (any Error)?) throws {
        var first = failure
        do {
            try whenever { connection in
                if let failure = first {
                    first = nil
                    throw failure
                }
                try desk.store.store(&desk.batch, connection)
            }
        } catch let error as PostgresError {
            forgetFlight()
            throw BatchRefusal(failure: PostgresTarget.failure(error, address), reason: "\(error)", isOfLastRow: false)
        }
        noteStored()
    }

    private func noteStored() {
        commits += 1
        forgetFlight()
    }

    private func forgetFlight() {
        desk.batch.removeAll()
        names.endFlight()
        flyingLines = 0
        (inserted, duplicates) = (desk.store.inserted, desk.store.duplicates)
    }

    /// One try, without waiting for a database that is away.
    func settle() {
        if waitForFlight(), desk.failure == nil { noteStored() }
        guard flyingLines == 0, batch.count > 0, let connection = desk.connection, (try? desk.store.store(&batch, connection)) != nil else {
            return
        }
        batch.removeAll()
        filledLines = 0
    }

    func pass(monotonicMicros: Int64) throws {
        if let flight, flight.join(millisMax: 0) { try land() }
    }

    /// Looked after while a batch is under way: nobody rings when it is stored.
    var deadlineMicros: Int64? { flight.map { _ in Clock.monotonicMicros() + PostgresTarget.lookMicros } }

    func end() throws { try land() }

    /// Runs something with a session, again and again while the database is away. What is a row's fault is thrown as it is.
    private func whenever<Value>(_ body: (PostgresConnection) throws -> Value) throws -> Value {
        var (failures, heavy) = (Int64(0), 0)
        var toldMicros: Int64?
        let startMicros = Clock.monotonicMicros()
        while true {
            do {
                if desk.connection == nil { try connect() }
                let value = try body(desk.connection!)
                if toldMicros != nil { logger.notice("\(address) is back after \((Clock.monotonicMicros() - startMicros) / 1_000_000) s") }
                return value
            } catch let error as PostgresError where PostgresTarget.isPassing(error) {
                desk.connection?.close()
                desk.connection = nil
                reconnects += 1
                desk.store.doubt()
                guard isPatient else { throw PostgresTarget.failure(error, address) }
                let now = Clock.monotonicMicros()
                if toldMicros.map({ now - $0 >= PostgresTarget.tellMicros }) ?? (failures > 0) {
                    toldMicros = now
                    logger.warning("\(address) takes nothing: \(error); waiting, \(heldLines) lines are held")
                }
                heavy += PostgresTarget.isHeavy(error) ? 1 : 0
                guard heavy < PostgresTarget.heavyTriesMax else {
                    throw ToolFailure(.tryLater, "\(address) cannot take \(flyingLines) lines at a time: \(error); give a smaller --batch")
                }
                try wait(failures, error)
                failures += 1
            } catch let error as PostgresError where PostgresTarget.isOfRow(error) {
                throw error
            } catch {
                throw PostgresTarget.failure(error, address)
            }
        }
    }

    private func wait(_ failures: Int64, _ error: PostgresError) throws {
        let now = Clock.monotonicMicros()
        if stopMicros == nil, Signals.isStopAsked || endMicros.map({ now >= $0 }) ?? false { stopMicros = now }
        if let stopMicros, now - stopMicros >= drainMicros {
            throw ToolFailure(
                .tryLater,
                "\(address) takes nothing: \(error); \(heldLines) lines are not stored, give the same input again: nothing is stored twice")
        }
        let millis = min(Int64(100) << min(failures, 10), PostgresTarget.waitMicrosMax / 1000)
        let end = (stopMicros.map { $0 + drainMicros } ?? endMicros).map { max($0 - now, 0) / 1000 + 1 } ?? .max
        Descriptor.wait(for: [], timeoutMillis: Int32(min(millis, end)))
    }

    func count(in counters: inout Counters) {
        counters.add("commits", commits)
        if reconnects > 0 { counters.add("reconnects", reconnects) }
        counters.add("duplicates", duplicates.reduce(0, +))
        for (table, count) in zip(EventTable.all, inserted) where count > 0 { counters.add("rows_\(table.name)", count) }
        for (table, count) in zip(EventTable.all, duplicates) where count > 0 { counters.add("duplicates_\(table.name)", count) }
    }
}

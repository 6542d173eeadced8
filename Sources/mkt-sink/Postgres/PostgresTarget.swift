import Glibc
import Logging
import MarketModel
import Postgres
import UnixTool

/// `postgres://…`: a row an event, each batch one transaction, deduplicated by the event's identity.
final class PostgresTarget: Target {
    static let limits = PostgresLimits(connectMicrosMax: 10_000_000, statementMicrosMax: 60_000_000)
    private static let waitMicrosMax: Int64 = 5_000_000
    private static let tellMicros: Int64 = 60_000_000
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
    private var connection: PostgresConnection?
    private var batch = PostgresBatch()
    private var store = PostgresStore(progressName: MktSink.name)
    /// Rows of the batch; apart from it, since a row that is being put there may have to wait for its names.
    private var heldLines: Int64 = 0
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
        connection = fresh
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
        heldLines = batch.count + 1
        defer { heldLines = batch.count }
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
        do {
            return try whenever { try names.number(of: text, $0) }
        } catch let error as PostgresError {
            throw RowRefusal("a name is refused: \(error)")
        }
    }

    func commit() throws {
        guard batch.count > 0 else { return }
        do {
            try whenever { try store.store(&batch, $0) }
        } catch let error as PostgresError {
            forget()
            throw BatchRefusal(failure: PostgresTarget.failure(error, address), reason: "\(error)", isOfLastRow: false)
        }
        forget()
        commits += 1
    }

    private func forget() {
        batch.removeAll()
        names.beginBatch()
        heldLines = 0
    }

    /// One try, without waiting for a database that is away.
    func settle() {
        guard batch.count > 0, let connection, (try? store.store(&batch, connection)) != nil else { return }
        forget()
    }

    /// Runs something with a session, again and again while the database is away. What is a row's fault is thrown as it is.
    private func whenever<Value>(_ body: (PostgresConnection) throws -> Value) throws -> Value {
        var (failures, heavy) = (Int64(0), 0)
        var toldMicros: Int64?
        let startMicros = Clock.monotonicMicros()
        while true {
            do {
                if connection == nil { try connect() }
                let value = try body(connection!)
                if toldMicros != nil { logger.notice("\(address) is back after \((Clock.monotonicMicros() - startMicros) / 1_000_000) s") }
                return value
            } catch let error as PostgresError where PostgresTarget.isPassing(error) {
                connection?.close()
                connection = nil
                reconnects += 1
                store.doubt()
                guard isPatient else { throw PostgresTarget.failure(error, address) }
                let now = Clock.monotonicMicros()
                if toldMicros.map({ now - $0 >= PostgresTarget.tellMicros }) ?? (failures > 0) {
                    toldMicros = now
                    logger.warning("\(address) takes nothing: \(error); waiting, \(heldLines) lines are held")
                }
                heavy += PostgresTarget.isHeavy(error) ? 1 : 0
                guard heavy < PostgresTarget.heavyTriesMax else {
                    throw ToolFailure(.tryLater, "\(address) cannot take \(heldLines) lines at a time: \(error); give a smaller --batch")
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
        counters.add("duplicates", store.duplicates.reduce(0, +))
        for (index, table) in EventTable.all.enumerated() {
            if store.inserted[index] > 0 { counters.add("rows_\(table.name)", store.inserted[index]) }
            if store.duplicates[index] > 0 { counters.add("duplicates_\(table.name)", store.duplicates[index]) }
        }
    }
}

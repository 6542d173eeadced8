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

    private let address: PostgresAddress
    private let logger: Logger
    private let drainMicros: Int64
    private let names = PostgresNames()
    private var connection: PostgresConnection?
    private var batch = PostgresBatch()
    private var store = PostgresStore(progressName: MktSink.name)
    /// Rows of the batch; apart from it, since a row that is being put there may have to wait for its names.
    private var heldLines: Int64 = 0
    private var commits: Int64 = 0
    private var reconnects: Int64 = 0

    /// Connects, and looks whether the tables are there.
    init(_ address: PostgresAddress, drainMicros: Int64, _ logger: Logger) throws(ToolFailure) {
        self.address = address
        self.logger = logger
        self.drainMicros = drainMicros
        do {
            try connect()
        } catch {
            throw PostgresTarget.failure(error, address)
        }
    }

    private func connect() throws {
        let fresh = try PostgresConnection(address, limits: PostgresTarget.limits, access: .writing)
        try PostgresTarget.checkVersion(fresh, address)
        try names.warm(fresh)
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
        try batch.append(row) { text in
            if let number = names.known(text) { return number }
            guard !text.contains(0) else { throw RowRefusal("a name has a character that PostgreSQL cannot store (U+0000)") }
            return try whenever { try names.number(of: text, $0) }
        }
        heldLines = batch.count
    }

    func commit() throws {
        guard batch.count > 0 else { return }
        try whenever { try store.store(&batch, $0) }
        batch.removeAll()
        heldLines = 0
        commits += 1
    }

    /// One try, without waiting for a database that is away.
    func settle() {
        guard batch.count > 0, let connection, (try? store.store(&batch, connection)) != nil else { return }
        batch.removeAll()
    }

    /// Runs something with a session, again and again while the database is away.
    private func whenever<Value>(_ body: (PostgresConnection) throws -> Value) throws -> Value {
        var failures: Int64 = 0
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
                let now = Clock.monotonicMicros()
                if toldMicros.map({ now - $0 >= PostgresTarget.tellMicros }) ?? (failures > 0) {
                    toldMicros = now
                    logger.warning("\(address) takes nothing: \(error); waiting, \(heldLines) lines are held")
                }
                try wait(failures, since: startMicros, error)
                failures += 1
            } catch {
                throw PostgresTarget.failure(error, address)
            }
        }
    }

    private func wait(_ failures: Int64, since startMicros: Int64, _ error: PostgresError) throws {
        if Signals.isStopAsked, Clock.monotonicMicros() - startMicros >= drainMicros {
            throw ToolFailure(
                .tryLater,
                "\(address) takes nothing: \(error); \(heldLines) lines are not stored, give the same input again: nothing is stored twice")
        }
        let millis = min(Int64(100) << min(failures, 10), PostgresTarget.waitMicrosMax / 1000)
        Descriptor.wait(for: [], timeoutMillis: Int32(Signals.isStopAsked ? min(millis, 100) : millis))
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

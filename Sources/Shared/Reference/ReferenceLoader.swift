import Postgres
import SQLite
public import UnixTool

/// Loads reference data: all wanted queries in one read-only snapshot.
public struct ReferenceLoader: Sendable {
    public let source: ReferenceSource
    let plan: ReferencePlan
    let settings: ReferenceSettings

    /// - Parameter windows: The lengths in microseconds for which a history is added up; without any it is not asked for.
    public init(
        _ source: ReferenceSource, queries: ReferenceQueries, windows: [Int64] = [], settings: ReferenceSettings = ReferenceSettings()
    ) {
        self.source = source
        plan = ReferencePlan(queries, windows: windows)
        self.settings = settings
    }

    /// Loads once and waits for it, at most as long as the settings allow each step. A first SIGINT or SIGTERM ends the wait.
    public func load() throws(ToolFailure) -> ReferenceData {
        do {
            switch source.kind {
            case .postgres(let address):
                while true {
                    do {
                        let connection = try PostgresConnection(address, limits: limits, wake: Signals.wakeDescriptor)
                        return try load(from: connection, wake: Signals.wakeDescriptor)
                    } catch  where ReferenceLoader.isStopped(error) && !Signals.isStopAsked {
                        // Another signal, which is noted and looked at later.
                        Signals.takeWake()
                    }
                }
            case .sqlite(let path):
                return try SQLiteSession(path, settings, busyMillisMax: 5000) { Signals.isStopAsked }.load(plan)
            }
        } catch {
            throw failure(error)
        }
    }

    private static func isStopped(_ error: any Error) -> Bool {
        let cause = (error as? QueryFault)?.cause ?? error
        return (cause as? PostgresError)?.kind == .stopped
    }

    var limits: PostgresLimits {
        PostgresLimits(connectMicrosMax: settings.connectMicrosMax, statementMicrosMax: settings.statementMicrosMax)
    }

    /// Loads over a session that has no transaction open.
    func load(from connection: PostgresConnection, wake: Int32) throws -> ReferenceData {
        _ = try connection.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", wake: wake)
        var builder = ReferenceBuilder(windows: plan.windows)
        for (query, sql) in plan.statements {
            do {
                var number: Int64 = 0
                let columnCount = try connection.stream(sql, wake: wake) { row in
                    try ReferenceBuilder.check(columnCount: row.columnCount, of: query)
                    number += 1
                    try builder.take(ReferenceRow(query: query, number: number) { ReferenceLoader.cell(row, $0) })
                }
                try ReferenceBuilder.check(columnCount: columnCount, of: query)
            } catch {
                throw QueryFault(query: query, cause: error)
            }
        }
        _ = try connection.query("COMMIT", wake: wake)
        return try builder.finished()
    }

    private static func cell(_ row: PostgresRow, _ column: Int) -> ReferenceCell {
        guard let bytes = row.bytes(column) else { return .null }
        return row.isBinaryFloat(column) ? .float : .text(bytes)
    }
}

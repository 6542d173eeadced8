import Glibc
import SQLite
import UnixTool

/// One open file that can only be read.
final class SQLiteSession {
    /// Which file it is, whatever its name.
    struct Identity: Equatable {
        let device: UInt
        let number: UInt
        let isDirectory: Bool

        /// Nil where there is no file of that name.
        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = status.st_dev
            number = status.st_ino
            isDirectory = status.st_mode & S_IFMT == S_IFDIR
        }
    }

    let identity: Identity
    private let database: Database
    private let statementMicrosMax: Int64
    private var deadlineMicros = Int64.max

    /// - Parameter isStopped: Asked now and then while a statement runs; true ends it.
    init(_ path: String, _ settings: ReferenceSettings, busyMillisMax: Int32, isStopped: @escaping () -> Bool) throws {
        guard let identity = Identity(path) else {
            throw ToolFailure(.noInput, "\(SystemError.text()); check the path, or make the file (docs/reference.md)")
        }
        guard !identity.isDirectory else { throw ToolFailure(.noInput, "it is a directory; name a file") }
        self.identity = identity
        statementMicrosMax = settings.statementMicrosMax
        database = try Database(readingPath: path, busyMillisMax: busyMillisMax)
        database.watchStatements { [unowned self] in !isStopped() && Clock.monotonicMicros() < deadlineMicros }
    }

    /// Another number once somebody else has changed the content.
    func dataVersion() throws(SQLiteError) -> Int64 {
        deadlineMicros = Clock.monotonicMicros() + statementMicrosMax
        return try database.integer("PRAGMA data_version")
    }

    func load(_ plan: ReferencePlan) throws -> ReferenceData {
        var builder = ReferenceBuilder(windows: plan.windows)
        try database.execute("BEGIN")
        defer { if database.isInTransaction { try? database.execute("ROLLBACK") } }
        for (query, sql) in plan.statements {
            do {
                deadlineMicros = Clock.monotonicMicros() + statementMicrosMax
                let statement = try database.prepareOnly(sql)
                try ReferenceBuilder.check(columnCount: Int(statement.columnCount), of: query)
                var number: Int64 = 0
                while try statement.step() {
                    number += 1
                    try builder.take(ReferenceRow(query: query, number: number) { SQLiteSession.cell(statement, Int32($0)) })
                }
            } catch {
                throw QueryFault(query: query, cause: error)
            }
        }
        return try builder.finished()
    }

    private static func cell(_ statement: Statement, _ column: Int32) -> ReferenceCell {
        switch statement.storage(column) {
        case .null: .null
        case .integer: .integer(statement.integer(column))
        case .real: .float
        case .text: .text(statement.utf8(column))
        case .blob: .blob
        }
    }
}

import JSON
import SQLite
import UnixTool

/// A file of `sqlite:`, read only: as of one moment, and without keeping anybody from writing to it.
final class SQLiteBookStore: BookStore {
    let texts = "texts"
    let isPartedByTime = false
    private let database: Database

    /// Opens a database that is there and ours.
    init(path: String) throws {
        do {
            database = try Database(readingPath: path, busyMillisMax: SQLiteTarget.busyMillisMax)
            // Everything that is read from here on is of one state of the file.
            try database.execute("BEGIN")
            try SQLiteBookStore.check(database, path)
        } catch {
            throw SQLiteBookStore.failure(error, path: path)
        }
    }

    private static func check(_ database: Database, _ path: String) throws {
        guard try database.integer("PRAGMA application_id") == Schema.applicationID else {
            throw ToolFailure(.noInput, "\(path) is no database of mktpipe; give --to the file that mkt-sink has written")
        }
        let found = try database.integer("PRAGMA user_version")
        guard found <= Schema().version else {
            let told = "schema \(found), this one knows \(Schema().version)"
            throw ToolFailure(.unavailable, "\(path) was made by a newer mktpipe (\(told)); upgrade mktpipe")
        }
    }

    func rows(_ sql: String, _ parameters: [Int64]) throws -> [[String?]] {
        let statement = try database.prepare(sql)
        for (index, value) in parameters.enumerated() { statement.bind(Int32(index + 1), value) }
        var rows: [[String?]] = []
        while try statement.step() {
            rows.append((0..<statement.columnCount).map { statement.storage($0) == .null ? nil : statement.text($0) })
        }
        return rows
    }

    func number(of name: String) throws -> Int64? {
        let statement = try database.prepare("SELECT text_id FROM texts WHERE text = ?1")
        return try Array(name.utf8).withUnsafeBufferPointer { bytes in
            statement.bind(1, utf8: bytes)
            return try statement.step() ? statement.integer(0) : nil
        }
    }

    func append(levels text: String, to buffer: inout ByteBuffer) { buffer.append(utf8: text) }

    /// What SQLite refused, as an exit status and a line that says what to do.
    static func failure(_ error: any Error, path: String) -> ToolFailure {
        guard let error = error as? SQLiteError, [.cannotOpen, .notADatabase, .readOnly, .ioError].contains(error.kind) else {
            return SQLiteTarget.failure(error, path: path)
        }
        let advice =
            error.kind == .notADatabase
            ? "give --to the file that mkt-sink has written"
            : "check the path, and that its directory may be written: SQLite has its log there"
        return ToolFailure(.noInput, "cannot read \(path): \(error.message); \(advice)")
    }
}

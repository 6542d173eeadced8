import Postgres
import SQLite
import TestSupport
import Testing
import UnixTool

@testable import Reference

/// A database of either kind with the tables of the page, which the test may fill.
enum Databases {
    enum Kind: CaseIterable {
        case server, file
    }

    /// Stands in statements and passwords of tests, and may stand in no message.
    static let marker = "marker_4711"

    struct Database {
        let kind: Kind
        let source: ReferenceSource
        let run: (String) throws -> Void
        /// Kept as long as the database.
        let folder: TemporaryFolder

        func loader(
            _ wanted: Set<ReferenceQuery> = Set(ReferenceQuery.allCases), _ statements: [ReferenceQuery: String] = [:],
            windows: [Int64] = [1_000_000], settings: ReferenceSettings = ReferenceSettings()
        ) -> ReferenceLoader {
            ReferenceLoader(
                source, queries: ReferenceQueries(wanted: wanted, statements: statements), windows: windows, settings: settings)
        }

        /// What a load of one statement fails with.
        func fault(_ query: ReferenceQuery, _ sql: String? = nil, settings: ReferenceSettings = ReferenceSettings()) throws -> ToolFailure {
            let failure = try #require(throws: ToolFailure.self) {
                try loader([query], sql.map { [query: $0] } ?? [:], settings: settings).load()
            }
            #expect(!failure.message.contains(Databases.marker), "\(failure.message)")
            #expect(!failure.message.contains("\n"))
            return failure
        }
    }

    static func make(_ kind: Kind, isEmpty: Bool = false) throws -> Database {
        let folder = TemporaryFolder()
        switch kind {
        case .server:
            let server = try PostgresServer.shared
            let name = try server.makeDatabase()
            if !isEmpty { try server.run(ReferencePage.sql("## PostgreSQL") + ReferencePage.sql("### Told of changes"), database: name) }
            return Database(
                kind: kind, source: try ReferenceSource(server.address(database: name), isFlag: false),
                run: { try server.run($0, database: name) }, folder: folder)
        case .file:
            let database = try SQLite.Database(path: folder.file("ref.db"), busyMillisMax: 1000)
            try database.execute("PRAGMA synchronous = OFF")
            try database.execute(isEmpty ? "CREATE TABLE other (x)" : ReferencePage.sql("## SQLite"))
            return Database(
                kind: kind, source: try ReferenceSource("sqlite:\(folder.file("ref.db"))", isFlag: false),
                run: { try database.execute($0) },
                folder: folder)
        }
    }
}

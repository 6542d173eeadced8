import Glibc
import Postgres
import SQLite
import TestSupport
import Testing
import UnixTool

@testable import Reference

/// One load, from real databases of both kinds.
@Suite struct ReferenceLoaderTests {
    private static let rows = """
        INSERT INTO market_links VALUES ('polymarket', '74', 'kalshi', 'KX', 'same', '0.980', 'approved'), ('b', '1', 'a', '2', 'inverse', '1', 'pending');
        INSERT INTO strategy_parameters VALUES ('wide', 'min_spread', '0.05'), ('other', 'été', ''), ('wide', 'label', 'a "b"');
        INSERT INTO reference_values VALUES ('polymarket', '74', 'fair', '0.5000000'), ('polymarket', '74', 'cap', '-12000'), ('a', 'b', 'c', '0.000001');
        INSERT INTO market_history VALUES ('p', 'x', 5000000, '0.5'), ('p', 'x', 4000001, '0.25'), ('p', 'x', 4000000, '1'), ('p', 'y', 1, '0');
        """

    private func expectRows(_ data: ReferenceData) {
        #expect(
            data.links == [
                ["b", "1", "a", "2", "inverse", "1", "pending"], ["polymarket", "74", "kalshi", "KX", "same", "0.98", "approved"],
            ])
        #expect(data.parameters.map(\.key) == ["été", "label", "min_spread"])
        #expect(data.parameters.map(\.value) == ["", "a \"b\"", "0.05"])
        #expect(data.values.map(\.name) == ["c", "cap", "fair"])
        #expect(data.values.map(\.millionths) == [1, -12_000_000_000, 500_000])
        #expect(
            data.history == [
                HistoryStatistics(
                    venue: "p", instrument: "x", windowMicros: 1_000_000, count: 2, sum: 750_000, squareSum: 312_500_000_000,
                    oldestMicros: 4_000_001, newestMicros: 5_000_000),
                HistoryStatistics(
                    venue: "p", instrument: "y", windowMicros: 1_000_000, count: 1, sum: 0, squareSum: 0, oldestMicros: 1, newestMicros: 1),
            ])
    }

    @Test func equalContent_hasTheEqualVersion_whateverTheDatabase() throws {
        let (server, file) = (try Databases.make(.server), try Databases.make(.file))
        for database in [server, file] { try database.run(ReferenceLoaderTests.rows) }
        let (fromServer, fromFile) = (try server.loader().load(), try file.loader().load())
        expectRows(fromServer)
        expectRows(fromFile)
        #expect(fromServer.version == fromFile.version)
        #expect(fromServer == fromFile)

        try file.run("UPDATE reference_values SET value = '0.500001' WHERE name = 'fair'")
        #expect(try file.loader().load().version != fromFile.version)
        // Only what is asked for counts.
        #expect(try file.loader([.links]).load() == server.loader([.links]).load())
        #expect(try file.loader([.history], windows: []).load() == .empty)
    }

    @Test(arguments: Databases.Kind.allCases)
    func tablesThatNobodyAsksFor_mayBeMissing(kind: Databases.Kind) throws {
        let database = try Databases.make(kind, isEmpty: true)
        let sql = "SELECT 'p', 'i', 'fair', '0.5' -- \(Databases.marker)"
        #expect(try database.loader([.values], [.values: sql]).load().values.map(\.millionths) == [500_000])
        for query in ReferenceQuery.allCases {
            let failure = try database.fault(query)
            #expect(failure.status == .configuration)
            #expect(failure.message.contains("query \(query.rawValue): "))
            #expect(failure.message.contains("docs/reference.md"))
        }
    }

    private struct Bad: CustomTestStringConvertible {
        let query: ReferenceQuery
        let sql: String
        let told: String
        var testDescription: String { told }
    }

    private static let bad: [Bad] = [
        Bad(query: .values, sql: "SELECT 'p', 'i', 'n', '0.1234567'", told: "row 1: value '0.1234567' is more exact than six decimals"),
        Bad(query: .values, sql: "SELECT 'p', 'i', 'n', 'NaN'", told: "row 1: value 'NaN' is no number"),
        Bad(query: .values, sql: "SELECT 'p', 'i', 'n', '99999999999999'", told: "is beyond what is counted"),
        Bad(query: .values, sql: "SELECT 'p', 'i', 'n', NULL", told: "row 1: value is NULL"),
        Bad(query: .values, sql: "SELECT 'p', '', 'n', '1'", told: "row 1: instrument is empty"),
        Bad(query: .values, sql: "SELECT 'p', 'i', 'n', '1' UNION ALL SELECT 'p', 'i', 'n', '2'", told: "p i has the value 'n' twice"),
        Bad(query: .parameters, sql: "SELECT 'r', 'k', 'a' UNION ALL SELECT 'r', 'k', 'a'", told: "rule 'r' has the key 'k' twice"),
        Bad(query: .parameters, sql: "SELECT 'r', NULL, 'a'", told: "row 1: key is NULL"),
        Bad(query: .links, sql: "SELECT 'a', 'b', 'c', 'd', 'same', NULL, 'approved'", told: "row 1: confidence is NULL"),
        Bad(query: .history, sql: "SELECT 'p', 'i', 1, '1.000001'", told: "row 1: price of p i is not from 0 to 1"),
        Bad(query: .history, sql: "SELECT 'p', 'i', 1, '-0.000001'", told: "row 1: price of p i is not from 0 to 1"),
        Bad(query: .history, sql: "SELECT 'p', 'i', '1.5', '1'", told: "row 1: at_us '1.5' is no whole number"),
        Bad(query: .history, sql: "SELECT 'p', 'i', 1, '1' UNION ALL SELECT 'p', 'i', 2, '1'", told: "row 2: the rows are not in order"),
        Bad(
            query: .history, sql: "SELECT 'p', 'i', 1, '1' UNION ALL SELECT 'p', 'j', 1, '1' UNION ALL SELECT 'p', 'i', 0, '1'",
            told: "row 3: the rows are not in order"),
        Bad(query: .parameters, sql: "SELECT 'r', 'k'", told: "query parameters gives 2 columns instead of 3"),
        Bad(query: .parameters, sql: "SELECT 'r', 'k' WHERE 1 = 0", told: "query parameters gives 2 columns instead of 3"),
        Bad(query: .parameters, sql: "COMMIT", told: "query parameters gives no rows at all"),
        Bad(query: .parameters, sql: "SELECT 'r', 'k', 'v'; SELECT 1", told: "query parameters: "),
        Bad(query: .parameters, sql: "SELECT 'r', 'k', 'marker_4711", told: "query parameters: syntax error"),
        Bad(query: .parameters, sql: "SELECT 'r' 'marker_4711' FROM FROM", told: "query parameters: syntax error"),
        Bad(query: .parameters, sql: "SELECT marker FROM strategy_parameters", told: "marker"),
    ]

    @Test(arguments: Databases.Kind.allCases)
    func rowsThatCannotBeRight_areNamed(kind: Databases.Kind) throws {
        let database = try Databases.make(kind)
        for bad in ReferenceLoaderTests.bad {
            let failure = try database.fault(bad.query, bad.sql)
            #expect(failure.message.contains(bad.told), "\(failure.message)")
            #expect(failure.status == .configuration)
        }
        // Binary floating point, as each kind has it.
        let float = kind == .server ? "0.5::float8" : "0.5"
        #expect(try database.fault(.values, "SELECT 'p', 'i', 'n', \(float)").message.contains("row 1: value is binary floating point"))
        if kind == .file {
            #expect(try database.fault(.values, "SELECT 'p', 'i', 'n', x'31'").message.contains("value is a blob"))
            #expect(try database.fault(.parameters, "SELECT 'r', 'k', CAST(x'FF' AS TEXT)").message.contains("value is not UTF-8"))
        }
    }

    @Test(arguments: Databases.Kind.allCases)
    func writing_isRefused(kind: Databases.Kind) throws {
        let database = try Databases.make(kind)
        let failure = try database.fault(
            .parameters, "INSERT INTO strategy_parameters VALUES ('r', 'marker_4711', 'v') RETURNING rule, key, value")
        #expect(failure.status == .configuration)
        #expect(failure.message.hasSuffix("reference data is only read: give a SELECT that changes nothing"), "\(failure.message)")
        if kind == .server {
            #expect(failure.message.contains("cannot execute INSERT in a read-only transaction (PostgreSQL 25006)"))
        }
        #expect(try database.loader([.parameters]).load() == .empty)
    }

    @Test(arguments: Databases.Kind.allCases)
    func statementThatTakesTooLong_isEnded(kind: Databases.Kind) throws {
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT '\(Databases.marker)', 'k', count(*) FROM n"
        var settings = ReferenceSettings()
        settings.statementMicrosMax = 100_000
        let failure = try Databases.make(kind, isEmpty: true).fault(.parameters, endless, settings: settings)
        #expect(failure.status == .unavailable)
        #expect(failure.message.contains("narrow the query"))
    }

    @Test(arguments: Databases.Kind.allCases)
    func contentThatIsTooLarge_isRefusedEarly(kind: Databases.Kind) throws {
        let many =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000) SELECT 'rule', 'key' || i, 'value' FROM n"
        #expect(try Databases.make(kind, isEmpty: true).fault(.parameters, many).message.contains("larger than 3 MiB; narrow the queries"))
    }

    @Test func serverThatCannotBeAsked_hasItsStatus() throws {
        let server = try PostgresServer.shared
        let (closed, silent) = (try LoopbackPort(isListening: false), try LoopbackPort(isListening: true))
        var settings = ReferenceSettings()
        settings.connectMicrosMax = 100_000
        for (address, status, told) in [
            (server.address(user: "owner", password: Databases.marker), ExitStatus.credentialsRefused, "28P01"),
            (server.address(user: "owner", password: nil), .credentialsRefused, "PGPASSWORD"),
            ("postgres://me:\(Databases.marker)@127.0.0.1:\(closed.number)/x", .unavailable, "Connection refused"),
            ("postgres://me:\(Databases.marker)@127.0.0.1:\(silent.number)/x", .unavailable, "did not answer within 100 ms"),
            (server.address(database: "nowhere"), .configuration, "does not exist"),
        ] {
            var settings = settings
            if address.contains("\(server.port)") { settings.connectMicrosMax = 5_000_000 }
            let source = try ReferenceSource(address, isFlag: false)
            let loader = ReferenceLoader(source, queries: ReferenceQueries(wanted: [.links]), settings: settings)
            let failure = try #require(throws: ToolFailure.self) { try loader.load() }
            #expect(failure.status == status)
            #expect(failure.message.contains(told), "\(failure.message)")
            #expect(!failure.message.contains(Databases.marker))
        }
    }

    @Test func rightThatIsMissing_isNamed() throws {
        let server = try PostgresServer.shared
        let database = try Databases.make(.server)
        try database.run("CREATE ROLE guest_4711 LOGIN PASSWORD '\(Databases.marker)'")
        let name = try #require("\(database.source)".split(separator: "?").first?.split(separator: "/").last)
        let source = try ReferenceSource(
            server.address(user: "guest_4711", password: Databases.marker, database: String(name)), isFlag: false)
        let loader = ReferenceLoader(source, queries: ReferenceQueries(wanted: [.links]))
        let failure = try #require(throws: ToolFailure.self) { try loader.load() }
        #expect(failure.message.contains("permission denied for table market_links (PostgreSQL 42501); GRANT SELECT"))
        #expect(!failure.message.contains(Databases.marker))
    }

    @Test func fileThatIsNotThere_isNotMade() throws {
        let folder = TemporaryFolder()
        let loader = { (name: String) throws(ToolFailure) in
            ReferenceLoader(try ReferenceSource("sqlite:\(folder.file(name))", isFlag: false), queries: ReferenceQueries(wanted: [.links]))
        }
        let missing = try #require(throws: ToolFailure.self) { try loader("missing.db").load() }
        #expect(missing.status == .noInput)
        #expect(missing.message.contains("missing.db: No such file or directory; check the path"))
        #expect(folder.names.isEmpty)
        folder.write("text.db", "this is no database, and it is long enough to be seen as none by whoever reads its head")
        #expect(try #require(throws: ToolFailure.self) { try loader("text.db").load() }.status == .configuration)
        let directory = try #require(throws: ToolFailure.self) { try loader("").load() }
        #expect(directory.status == .noInput, "\(directory)")
    }
}

import Glibc
import TestSupport
import Testing

@testable import Postgres

/// What one session does with a real server.
@Suite struct PostgresConnectionTests {
    private static let limits = PostgresLimits(connectMicrosMax: 5_000_000, statementMicrosMax: 5_000_000)

    private func open(_ limits: PostgresLimits = limits, options: String = "") throws -> PostgresConnection {
        try PostgresConnection(try #require(PostgresAddress(PostgresServer.shared.address(options: options))), limits: limits)
    }

    private func fault(_ connection: PostgresConnection, _ sql: String) throws -> PostgresError {
        try #require(throws: PostgresError.self) { try connection.query(sql) }
    }

    @Test func rows_keepNullApart_andTakeParameters() throws {
        let rows = try open().query("SELECT $1::text, $2::text, '', 0.50::numeric(4,2)", ["it's", nil])
        #expect(rows == [["it's", nil, "", "0.50"]])
    }

    @Test func session_isOurs_whateverTheAddressSays() throws {
        let options =
            "&application_name=other&client_encoding=LATIN1&options=-cdefault_transaction_read_only%3Doff%20-csearch_path%3Dpg_catalog"
        let connection = try open(options: options)
        let names = [
            "default_transaction_read_only", "statement_timeout", "idle_in_transaction_session_timeout", "application_name",
            "client_encoding",
            "search_path",
        ]
        let said = try names.map { try connection.query("SHOW \($0)")[0][0] }
        #expect(said == ["on", "5s", "5s", "mktpipe", "UTF8", "pg_catalog"])
    }

    @Test func write_isRefused_outsideAndInsideATransaction() throws {
        let connection = try open()
        let sql = "CREATE TABLE marker_4712 (x int)"
        let outside = try fault(connection, sql)
        #expect(outside.kind == .readOnly)
        #expect(outside.description == "cannot execute CREATE TABLE in a read-only transaction (PostgreSQL 25006)")
        _ = try connection.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        #expect(try fault(connection, sql).kind == .readOnly)
        #expect(!connection.isInTransaction)
        #expect(!connection.isHealthy)
        _ = try connection.query("ROLLBACK")
        #expect(connection.isHealthy)
    }

    @Test func wrongSQL_isTold_withoutTheStatement() throws {
        let connection = try open()
        #expect(try fault(connection, "SELECT * FROM nowhere").description == #"relation "nowhere" does not exist (PostgreSQL 42P01)"#)
        #expect(try fault(connection, "SELECT 'marker_4713 it goes on").description == "syntax error at character 8 (PostgreSQL 42601)")
        #expect(try fault(connection, "SELEC marker_4713").kind == .wrongSQL)
        #expect(try fault(connection, "SELECT 1; SELECT 2").message == "syntax error; give one statement")
        #expect(try fault(connection, "SELECT 1/0").kind == .wrongSQL)
        #expect(try connection.query("SELECT 1") == [["1"]])
        #expect(try fault(connection, "COPY (SELECT 1) TO STDOUT").message == "the statement copies instead of giving rows")
        #expect(!connection.isHealthy)
        #expect(try fault(connection, "SELECT 1").kind == .unreachable)
    }

    @Test func statement_thatTakesTooLong_isCancelledByTheServer() throws {
        let connection = try open(PostgresLimits(connectMicrosMax: 5_000_000, statementMicrosMax: 50_000))
        let fault = try fault(connection, "SELECT pg_sleep(30)")
        #expect(fault.kind == .timedOut)
        #expect(fault.sqlState == "57014")
        #expect(connection.isHealthy)
    }

    @Test func callerThatThrows_endsTheSession() throws {
        let connection = try open()
        #expect(throws: TestFault.self) {
            try connection.stream("SELECT generate_series(1, 100000)") { _ in throw TestFault("enough") }
        }
        #expect(!connection.isHealthy)
        #expect(connection.descriptor == -1)
    }

    @Test func manyRows_passOneByOne() throws {
        var (sum, count) = (0, 0)
        let columns = try open().stream("SELECT i, NULL, i::float8 FROM generate_series(1, 20000) AS i") { row in
            sum += Int(try #require(row.text(0))) ?? 0
            count += row.bytes(1) == nil && row.isBinaryFloat(2) && !row.isBinaryFloat(0) ? 1 : 0
        }
        #expect(columns == 3)
        #expect(sum == 20_000 * 20_001 / 2)
        #expect(count == 20_000)
    }

    @Test func notifications_areTold_andEndAPoll() throws {
        let ear = try open()
        try ear.listen("mktpipe_reference")
        let mouth = try open()
        for _ in 1...3 { _ = try mouth.query("SELECT pg_notify('mktpipe_reference', random()::text)") }
        var polls = pollfd(fd: ear.descriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&polls, 1, 10_000) == 1)
        var heard: [String] = []
        try Deadline.wait(for: "three notifications") {
            heard += try ear.takeNotifications()
            return heard.count >= 3
        }
        #expect(heard == ["mktpipe_reference", "mktpipe_reference", "mktpipe_reference"])
    }

    @Test func terminatedSession_saysWhy_andIsNotHealthy() throws {
        let victim = try open()
        let process = try #require(try victim.query("SELECT pg_backend_pid()")[0][0])
        _ = try open().query("SELECT pg_terminate_backend($1::int)", [process])
        try Deadline.wait(for: "the end") { !victim.isHealthy }
        // Every time, not only once.
        for _ in 1...2 { #expect(throws: PostgresError.self) { try victim.takeNotifications() } }
        #expect([.shuttingDown, .unreachable].contains(try fault(victim, "SELECT 1").kind))
    }
}

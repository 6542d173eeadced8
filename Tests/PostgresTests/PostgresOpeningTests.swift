import Glibc
import TestSupport
import Testing

@testable import Postgres

/// How a session does not come about.
@Suite struct PostgresOpeningTests {
    private static let limits = PostgresLimits(connectMicrosMax: 5_000_000, statementMicrosMax: 5_000_000)

    private func fault(_ address: String, _ limits: PostgresLimits = limits, wake: Int32 = -1) throws -> PostgresError {
        let address = try #require(PostgresAddress(address))
        return try #require(throws: PostgresError.self) { try PostgresConnection(address, limits: limits, wake: wake) }
    }

    @Test func password_isNeeded_andMustBeRight() throws {
        let server = try PostgresServer.shared
        let right = try #require(PostgresAddress(server.address(user: PostgresServer.owner, password: PostgresServer.password)))
        #expect(try PostgresConnection(right, limits: PostgresOpeningTests.limits).query("SELECT current_user") == [["owner"]])

        let wrong = try fault(server.address(user: PostgresServer.owner, password: "marker-4714"))
        #expect(wrong.kind == .refusedCredentials)
        #expect(wrong.sqlState == "28P01")
        #expect(wrong.message.hasSuffix(#"failed: FATAL: password authentication failed for user "owner""#))
        #expect(!"\(wrong)".contains("marker"))

        let missing = try fault(server.address(user: PostgresServer.owner, password: nil))
        #expect(missing.kind == .refusedCredentials)
        // Two hosts: what is refused counts, though nobody listens at the other.
        let closed = try LoopbackPort(isListening: false)
        let both = "postgres://owner:marker-4714@127.0.0.1:\(server.port),127.0.0.1:\(closed.number)/postgres"
        #expect(try fault(both).kind == .refusedCredentials)
    }

    @Test func databaseThatIsNotThere_isNamed() throws {
        let fault = try fault(PostgresServer.shared.address(database: "nowhere"))
        #expect(fault.kind == .wrongSQL)
        #expect(fault.message.hasSuffix(#"database "nowhere" does not exist"#))
    }

    @Test func nobodyListening_isUnreachable() throws {
        let closed = try LoopbackPort(isListening: false)
        let fault = try fault("postgres://me:marker-4714@127.0.0.1:\(closed.number)/x")
        #expect(fault.kind == .unreachable)
        #expect(fault.message == #"connection to server at "127.0.0.1", port \#(closed.number) failed: Connection refused"#)
        #expect(try self.fault("postgres://127.0.0.1:1/x?sslmode=perhaps").kind == .badAddress)
    }

    @Test func serverThatNeverAnswers_isGivenUp() throws {
        let silent = try LoopbackPort(isListening: true)
        let start = SocketWait.now()
        let fault = try fault(
            "postgres://127.0.0.1:\(silent.number)/x", PostgresLimits(connectMicrosMax: 100_000, statementMicrosMax: 5_000_000))
        #expect(fault.kind == .unreachable)
        #expect(fault.message == "the server did not answer within 100 ms")
        #expect(SocketWait.now() - start >= 100_000)
    }

    @Test func wake_endsEveryWait() throws {
        let silent = try LoopbackPort(isListening: true)
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let connection = try PostgresConnection(
            try #require(PostgresAddress(PostgresServer.shared.address())), limits: PostgresOpeningTests.limits, wake: ends[0])
        try #require(write(ends[1], "x", 1) == 1)
        #expect(try fault("postgres://127.0.0.1:\(silent.number)/x", wake: ends[0]).kind == .stopped)
        let stopped = try #require(throws: PostgresError.self) { try connection.query("SELECT pg_sleep(30)", wake: ends[0]) }
        #expect(stopped.kind == .stopped)
        #expect(!connection.isHealthy)
    }

    @Test(arguments: [
        ("postgres://me:pw@db.example:5433/mkt?sslmode=require", "postgres://db.example:5433/mkt", true),
        ("postgresql://db.example/mkt?password=pw", "postgres://db.example/mkt", true),
        ("postgres://db.example/mkt?sslpassword=pw", "postgres://db.example/mkt", true),
        ("postgres://me@h1:1,h2:2/mkt", "postgres://h1,h2:1,2/mkt", false),
        ("postgres://me:a?b@host/db", "postgres://host/db", true),
        ("postgres:///mkt?host=/run/pg&port=5433", "postgres:///mkt?host=/run/pg&port=5433", false),
    ])
    func address_showsNeitherUserNorPassword(text: String, shown: String, hasPassword: Bool) throws {
        let address = try #require(PostgresAddress(text))
        #expect("\(address)" == shown)
        #expect(String(reflecting: address) == shown)
        #expect(address.hasPassword == hasPassword)
    }

    @Test(arguments: [
        "postgres://me:p@ss@host/db", "postgres://me:12/word@host/db", "postgres://me:p:w/x@host",
        "host=x password=y", "mysql://x", "postgres://h/db?sslmodus=require", "postgres://h/%zz",
    ])
    func addressThatIsMisunderstood_isNone(text: String) {
        #expect(PostgresAddress(text) == nil)
    }
}

import TestSupport
import Testing

@testable import Postgres

@Suite struct PostgresPoolTests {
    private func pool(_ count: Int) throws -> PostgresPool {
        let limits = PostgresLimits(connectMicrosMax: 5_000_000, statementMicrosMax: 5_000_000)
        return PostgresPool(try #require(PostgresAddress(PostgresServer.shared.address())), limits: limits, connectionsMax: count)
    }

    @Test func healthySession_isHandedOutAgain() throws {
        let pool = try pool(1)
        let first = try pool.take()
        #expect(throws: PostgresError.self) { try pool.take() }
        pool.giveBack(first)
        #expect(pool.counts == (idle: 1, taken: 0))
        #expect(try pool.take() === first)
    }

    @Test func sessionInATransaction_isThrownAway() throws {
        let pool = try pool(2)
        let first = try pool.take()
        _ = try first.query("BEGIN")
        pool.giveBack(first)
        #expect(pool.counts == (idle: 0, taken: 0))
        #expect(first.descriptor == -1)
    }

    @Test func sessionThatDiedWhileIdle_isReplaced() throws {
        let pool = try pool(2)
        let (first, second) = (try pool.take(), try pool.take())
        let process = try #require(try first.query("SELECT pg_backend_pid()")[0][0])
        pool.giveBack(first)
        _ = try second.query("SELECT pg_terminate_backend($1::int)", [process])
        try Deadline.wait(for: "the end of the idle session") { !first.isHealthy }
        let third = try pool.take()
        #expect(third !== first)
        #expect(try third.query("SELECT 1") == [["1"]])
        pool.giveBack(second)
        pool.closeIdle()
        #expect(second.descriptor == -1)
        #expect(pool.counts == (idle: 0, taken: 1))
    }

    @Test func failureToConnect_takesNoPlace() throws {
        let closed = try LoopbackPort(isListening: false)
        let limits = PostgresLimits(connectMicrosMax: 1_000_000, statementMicrosMax: 1_000_000)
        let pool = PostgresPool(
            try #require(PostgresAddress("postgres://127.0.0.1:\(closed.number)/x")), limits: limits, connectionsMax: 1)
        for _ in 1...3 { #expect(try #require(throws: PostgresError.self) { try pool.take() }.kind == .unreachable) }
    }
}

internal import Synchronization

/// A few sessions with one server, made when they are needed and handed out to one taker at a time.
///
/// What comes back broken or in the middle of something is thrown away; the next taker gets a new one.
public final class PostgresPool: Sendable {
    private struct State {
        var idle: [PostgresConnection] = []
        var takenCount = 0
    }

    public let address: PostgresAddress
    public let limits: PostgresLimits
    public let connectionsMax: Int
    private let state = Mutex(State())

    public init(_ address: PostgresAddress, limits: PostgresLimits, connectionsMax: Int) {
        precondition(connectionsMax > 0, "a pool of nothing")
        self.address = address
        self.limits = limits
        self.connectionsMax = connectionsMax
    }

    /// A healthy session: an idle one, or a new one. `giveBack` ends the taking.
    public func take(wake: Int32 = -1) throws(PostgresError) -> PostgresConnection {
        let idle = try state.withLock { state throws(PostgresError) in
            guard state.takenCount < connectionsMax else {
                throw PostgresError(.other, "all \(connectionsMax) connections are in use")
            }
            state.takenCount += 1
            while let connection = state.idle.popLast() {
                if connection.isHealthy { return connection as PostgresConnection? }
                connection.close()
            }
            return nil
        }
        if let idle { return idle }
        do {
            return try PostgresConnection(address, limits: limits, wake: wake)
        } catch {
            state.withLock { $0.takenCount -= 1 }
            throw error
        }
    }

    /// Takes a session back that `take` has given.
    public func giveBack(_ connection: PostgresConnection) {
        let isKept = connection.isHealthy
        if !isKept { connection.close() }
        state.withLock { state in
            state.takenCount -= 1
            if isKept { state.idle.append(connection) }
        }
    }

    /// Ends the sessions that nobody has taken.
    public func closeIdle() {
        state.withLock { state in
            state.idle.forEach { $0.close() }
            state.idle.removeAll()
        }
    }

    /// How many are waiting to be taken, and how many are taken.
    public var counts: (idle: Int, taken: Int) { state.withLock { ($0.idle.count, $0.takenCount) } }
}

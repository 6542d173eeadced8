import Glibc
import Postgres
import UnixTool

/// Keeps up with a server: loads when it tells of a change, when asked, and from time to time.
final class ServerWatch {
    /// What whoever changes the tables says (`docs/reference.md`).
    static let channel = "mktpipe_reference"
    /// From a notification to the load, in which those that come with it are taken too.
    private static let settleMicros: Int64 = 20_000
    /// Between the beginnings of two loads for notifications, however many there are.
    private static let stormMicros: Int64 = 250_000

    private let desk: ReferenceDesk
    private let pool: PostgresPool
    /// The session that listens; nil where there is none now.
    private var ear: PostgresConnection?
    /// The server does not let anybody listen, as standbys do.
    private var isDeaf = false
    private var dueMicros: Int64?
    private var attemptMicros: Int64 = 0

    init(_ desk: ReferenceDesk, _ address: PostgresAddress) {
        self.desk = desk
        pool = PostgresPool(address, limits: desk.loader.limits, connectionsMax: desk.loader.settings.connectionsMax)
        // What changed between the tool's first load and the first LISTEN nobody will tell.
        dueMicros = Clock.monotonicMicros()
    }

    private var wake: Int32 { desk.mailbox.stopped.descriptor }

    /// Runs until the mailbox is stopped.
    func run() {
        while !desk.mailbox.isStopped {
            if let dueMicros, Clock.monotonicMicros() >= dueMicros { attempt() }
            wait()
        }
        if let ear { pool.giveBack(ear) }
        ear = nil
        pool.closeIdle()
    }

    private func attempt() {
        attemptMicros = Clock.monotonicMicros()
        let isLoaded = desk.attempt {
            try openEar()
            // Whatever was told until here, the snapshot shows.
            try emptyEar()
            let connection = try pool.take(wake: wake)
            defer { pool.giveBack(connection) }
            return try desk.loader.load(from: connection, wake: wake)
        }
        if isLoaded {
            dueMicros = desk.loader.settings.refreshMicros.map { attemptMicros + $0 }
        } else {
            isDeaf = false
            dueMicros = Clock.monotonicMicros() + desk.retryMicros
        }
    }

    private func openEar() throws {
        guard ear == nil, !isDeaf else { return }
        let connection = try pool.take(wake: wake)
        do {
            try connection.listen(ServerWatch.channel, wake: wake)
            ear = connection
        } catch {
            pool.giveBack(connection)
            guard !error.sqlState.isEmpty, error.kind != .shuttingDown else { throw error }
            isDeaf = true
            desk.warn("\(desk.loader.source) does not let us listen: \(error); changes are seen at the refresh interval only")
        }
    }

    /// Takes what was told; how often. A session that is lost is given up.
    @discardableResult
    private func emptyEar() throws -> Int {
        guard let ear else { return 0 }
        do {
            return try ear.takeNotifications().count
        } catch {
            ear.close()
            pool.giveBack(ear)
            self.ear = nil
            throw error
        }
    }

    /// Sleeps until something is due, asked for, told, or over.
    private func wait() {
        let left = dueMicros.map { max($0 - Clock.monotonicMicros(), 0) }
        var polls = [wake, desk.mailbox.asked.descriptor, ear?.descriptor ?? -1].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&polls, nfds_t(polls.count), left.map { Int32(min($0 / 1000 + 1, 60_000)) } ?? 60_000) > 0 else { return }
        if polls[1].revents != 0 {
            desk.mailbox.asked.takeRings()
            dueMicros = Clock.monotonicMicros()
        }
        if polls[2].revents != 0 { hear() }
    }

    private func hear() {
        guard let count = try? emptyEar() else { return expect(by: Clock.monotonicMicros()) }
        guard count > 0 else { return }
        expect(by: max(Clock.monotonicMicros() + ServerWatch.settleMicros, attemptMicros + ServerWatch.stormMicros))
    }

    private func expect(by micros: Int64) {
        dueMicros = min(dueMicros ?? .max, micros)
    }
}

import Glibc
import Postgres
import TestSupport
import Testing
import UnixTool

@testable import Reference

/// A feed that keeps up with a real server.
@Suite struct ReferenceFeedServerTests {
    private let box = LogBox()
    private static let sql = "SELECT rule, key, value FROM strategy_parameters WHERE key <> '\(Databases.marker)'"

    private func feed(
        _ source: ReferenceSource, _ sql: String = sql, refreshMicros: Int64? = nil, statementMicrosMax: Int64 = 5_000_000
    ) throws -> ReferenceFeed<ReferenceData> {
        let settings = ReferenceSettings(
            refreshMicros: refreshMicros, statementMicrosMax: statementMicrosMax, connectMicrosMax: 20_000_000, retryMicrosMax: 300_000)
        let queries = ReferenceQueries(wanted: [.parameters], statements: [.parameters: sql])
        return try ReferenceFeed(source, queries: queries, windows: [], settings: settings, logger: box.logger) { $0 }
    }

    private func set(_ database: Databases.Database, _ value: Int) throws {
        try database.run(
            "INSERT INTO strategy_parameters VALUES ('r', 'k', '\(value)') ON CONFLICT (rule, key) DO UPDATE SET value = excluded.value")
    }

    private func count(_ feed: ReferenceFeed<ReferenceData>, _ name: String, now: Int64 = 0) -> Int64 {
        var counters = Counters()
        feed.count(in: &counters, nowMicros: now)
        return counters[name]
    }

    /// Waits for news.
    private func news(_ feed: ReferenceFeed<ReferenceData>) throws -> ReferenceData {
        var news: ReferenceData?
        try Deadline.wait(for: "news; \(box.messages)") {
            news = feed.takeNews()
            return news != nil
        }
        return try #require(news)
    }

    private func waitForLoads(_ feed: ReferenceFeed<ReferenceData>, _ least: Int64) throws {
        try Deadline.wait(for: "\(least) loads; \(box.messages)") { count(feed, "reference_loads") >= least }
    }

    private func expectNoSecrets() {
        for message in box.messages {
            #expect(!message.contains(Databases.marker), "\(message)")
            #expect(!message.contains("SELECT"), "\(message)")
        }
    }

    @Test func notification_bringsNews_andAStormFewLoads() throws {
        let database = try Databases.make(.server)
        try set(database, 0)
        let feed = try feed(database.source)
        #expect(try feed.loadFirst().parameters.map(\.value) == ["0"])
        try feed.start()
        // The load with which listening begins.
        try waitForLoads(feed, 2)
        #expect(feed.takeNews() == nil)
        #expect(count(feed, "reference_changes") == 0)

        try set(database, 1)
        #expect(try news(feed).parameters.map(\.value) == ["1"])
        #expect(feed.takeNews() == nil)

        let before = count(feed, "reference_loads")
        let start = Clock.monotonicMicros()
        try database.run((2...400).map { "UPDATE strategy_parameters SET value = '\($0)';" }.joined(separator: "\n"))
        var last = ""
        while last != "400" { last = try news(feed).parameters[0].value }
        let loads = count(feed, "reference_loads") - before
        #expect(loads <= 2 + (Clock.monotonicMicros() - start) / 250_000)
        #expect(count(feed, "reference_age_us", now: Clock.monotonicMicros()) < Clock.monotonicMicros() - start)
        feed.stop()
        expectNoSecrets()
    }

    @Test func interval_bringsNewsThatNobodyTold() throws {
        let database = try Databases.make(.server)
        try database.run("DROP TRIGGER mktpipe_reference ON strategy_parameters")
        let feed = try feed(database.source, refreshMicros: 50_000)
        _ = try feed.loadFirst()
        try feed.start()
        try waitForLoads(feed, 4)
        try set(database, 1)
        #expect(try news(feed).parameters.map(\.value) == ["1"])
        feed.stop()
    }

    @Test func refreshNow_bringsNewsThatNobodyTold() throws {
        let database = try Databases.make(.server)
        try database.run("DROP TRIGGER mktpipe_reference ON strategy_parameters")
        let feed = try feed(database.source)
        _ = try feed.loadFirst()
        try feed.start()
        try waitForLoads(feed, 2)
        try set(database, 1)
        #expect(feed.takeNews() == nil)
        feed.refreshNow()
        #expect(try news(feed).parameters.map(\.value) == ["1"])
        feed.stop()
    }

    @Test func killedServer_isAWarning_andComesBackByItself() throws {
        let server = try PostgresServer()
        try server.run(ReferencePage.sql("## PostgreSQL") + ReferencePage.sql("### Told of changes"))
        let address = server.address(user: PostgresServer.owner, password: PostgresServer.password)
        let feed = try feed(ReferenceSource(address, isFlag: false))
        _ = try feed.loadFirst()
        try feed.start()
        try waitForLoads(feed, 2)
        try server.kill()
        try Deadline.wait(for: "failures") { count(feed, "reference_failures") >= 3 }
        #expect(feed.takeNews() == nil)
        let warnings = box.messages.filter { $0.hasPrefix("warning") }
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("the last stays in use: postgres://127.0.0.1:\(server.port)/postgres: ") == true, "\(warnings)")
        try server.start()
        try server.run("INSERT INTO strategy_parameters VALUES ('r', 'k', 'back')")
        #expect(try news(feed).parameters.map(\.value) == ["back"])
        #expect(box.messages.contains { $0.hasPrefix("notice: reference data is loaded again after") })
        // It listens again, too.
        try server.run("UPDATE strategy_parameters SET value = 'told'")
        #expect(try news(feed).parameters.map(\.value) == ["told"])
        feed.stop()
        expectNoSecrets()
        #expect(!box.messages.contains { $0.contains(PostgresServer.password) })
    }

    @Test func stop_endsAHangingStatement() throws {
        let database = try Databases.make(.server)
        try database.run("CREATE FUNCTION slow() RETURNS text LANGUAGE sql AS 'SELECT pg_sleep(30)::text'")
        let feed = try feed(database.source, "SELECT '\(Databases.marker)', 'k', slow()", statementMicrosMax: 40_000_000)
        try feed.start()
        let name = try #require("\(database.source)".split(separator: "?").first?.split(separator: "/").last)
        let limits = PostgresLimits(connectMicrosMax: 5_000_000, statementMicrosMax: 5_000_000)
        let watcher = try PostgresConnection(
            try #require(PostgresAddress(PostgresServer.shared.address(database: String(name)))), limits: limits)
        try Deadline.wait(for: "the statement") {
            try watcher.query("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'") == [
                ["1"]
            ]
        }
        try expectQuickStop(feed)
    }

    @Test func stop_endsAHangingConnect() throws {
        let silent = try LoopbackPort(isListening: true)
        let feed = try feed(ReferenceSource("postgres://me:\(Databases.marker)@127.0.0.1:\(silent.number)/x", isFlag: false))
        try feed.start()
        try Deadline.wait(for: "the connection") { silent.hasCaller }
        try expectQuickStop(feed)
    }

    private func expectQuickStop(_ feed: ReferenceFeed<ReferenceData>) throws {
        let start = Clock.monotonicMicros()
        feed.stop()
        // Left to itself it would be after 900 ms.
        #expect(Clock.monotonicMicros() - start < 800_000)
        #expect(box.messages.isEmpty, "\(box.messages)")
    }

    @Test func loadThatFailsLater_keepsTheLast() throws {
        let database = try Databases.make(.server)
        let feed = try feed(database.source)
        _ = try feed.loadFirst()
        try feed.start()
        try waitForLoads(feed, 2)
        try database.run("ALTER TABLE strategy_parameters RENAME TO hidden")
        feed.refreshNow()
        try Deadline.wait(for: "failures") { count(feed, "reference_failures") >= 2 }
        #expect(
            box.messages.contains { $0.contains(#"query parameters: relation "strategy_parameters" does not exist (PostgreSQL 42P01)"#) })
        try database.run("INSERT INTO hidden VALUES ('r', 'k', '7'); ALTER TABLE hidden RENAME TO strategy_parameters")
        #expect(try news(feed).parameters.map(\.value) == ["7"])
        feed.stop()
        expectNoSecrets()
    }
}

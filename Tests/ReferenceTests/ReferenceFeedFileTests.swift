import Glibc
import SQLite
import TestSupport
import Testing
import UnixTool

@testable import Reference

/// A feed that keeps up with a file of SQLite.
@Suite struct ReferenceFeedFileTests {
    private let box = LogBox()

    private func feed(_ database: Databases.Database, _ sql: String? = nil) throws -> ReferenceFeed<ReferenceData> {
        let queries = ReferenceQueries(wanted: [.parameters], statements: sql.map { [.parameters: $0] } ?? [:])
        let settings = ReferenceSettings(refreshMicros: nil, statementMicrosMax: 60_000_000, retryMicrosMax: 300_000)
        return try ReferenceFeed(database.source, queries: queries, windows: [], settings: settings, logger: box.logger) { $0 }
    }

    private func count(_ feed: ReferenceFeed<ReferenceData>, _ name: String) -> Int64 {
        var counters = Counters()
        feed.count(in: &counters, nowMicros: 0)
        return counters[name]
    }

    private func news(_ feed: ReferenceFeed<ReferenceData>) throws -> [String] {
        var news: ReferenceData?
        try Deadline.wait(for: "news; \(box.messages)") {
            news = feed.takeNews()
            return news != nil
        }
        return try #require(news).parameters.map(\.value)
    }

    /// Whether this process has the file open twice: for the test that made it, and for the feed.
    private func isOpen(_ path: String) -> Bool {
        let links = (3..<Int32(256)).compactMap { descriptor in
            var target = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/fd/\(descriptor)", &target, target.count - 1)
            return count > 0 ? String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
        }
        return links.count { $0 == path } == 2
    }

    @Test func changedFile_replacedFile_andFileThatWasAway_bringNews() throws {
        let database = try Databases.make(.file)
        let feed = try feed(database)
        _ = try feed.loadFirst()
        try feed.start()
        try Deadline.wait(for: "the first look") { count(feed, "reference_loads") == 2 }
        try database.run("INSERT INTO strategy_parameters VALUES ('r', 'k', '1')")
        #expect(try news(feed) == ["1"])
        #expect(count(feed, "reference_loads") == 3)

        let other = try Databases.make(.file)
        try other.run("INSERT INTO strategy_parameters VALUES ('r', 'k', '2')")
        let path = database.folder.file("ref.db")
        #expect(rename(other.folder.file("ref.db"), path) == 0)
        #expect(try news(feed) == ["2"])

        #expect(rename(path, path + ".away") == 0)
        try Deadline.wait(for: "a failure") { count(feed, "reference_failures") > 0 }
        #expect(box.messages.contains { $0.hasPrefix("warning") && $0.contains("ref.db: No such file or directory") })
        #expect(feed.takeNews() == nil)
        let third = try Databases.make(.file)
        try third.run("INSERT INTO strategy_parameters VALUES ('r', 'k', '3')")
        #expect(rename(third.folder.file("ref.db"), path) == 0)
        #expect(try news(feed) == ["3"])
        feed.stop()
    }

    @Test func refreshNow_loads_andAFileAtRestIsNotLoaded() throws {
        let database = try Databases.make(.file)
        let feed = try feed(database)
        _ = try feed.loadFirst()
        try feed.start()
        try Deadline.wait(for: "the first look") { count(feed, "reference_loads") == 2 }
        feed.refreshNow()
        try Deadline.wait(for: "a load") { count(feed, "reference_loads") == 3 }
        #expect(feed.takeNews() == nil)
        feed.stop()
        #expect(count(feed, "reference_loads") == 3)
    }

    @Test func stop_endsAStatementThatWouldNeverEnd() throws {
        let database = try Databases.make(.file)
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'r', 'k', count(*) FROM n"
        let feed = try feed(database, endless)
        try feed.start()
        // The statement is the first thing that is done with the file.
        try Deadline.wait(for: "the open file") { isOpen(database.folder.file("ref.db")) }
        let start = Clock.monotonicMicros()
        feed.stop()
        #expect(Clock.monotonicMicros() - start < 800_000)
        #expect(box.messages.isEmpty)
    }
}

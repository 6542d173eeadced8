import SQLite
import Testing
import UnixTool

@testable import mkt_sink

@Suite struct SQLiteTargetTests {
    private let directory = TemporaryDirectory()
    private var path: String { directory("a.db") }

    /// Puts lines in, in a run of its own, and gives what a query says then.
    private func store(_ lines: [String], _ query: String) throws -> String {
        let target = try SQLiteTarget(path: path)
        try Lines.put(lines, to: target)
        try target.commit()
        return try Database(path: path, busyMillisMax: 100).text(query)
    }

    @Test func aBookLine_isStoredOnce_whateverItSaysTheSecondTime() throws {
        let lines = [Lines.delta(), Lines.delta(bids: "[]"), Lines.delta(seq: 2), Lines.delta(received: 101)]
        #expect(try store(lines, "SELECT group_concat(seq || bids, ' ') FROM book_deltas") == "1[[0.5,3]] 2[[0.5,3]] 1[[0.5,3]]")
    }

    @Test func equalPrintsWithoutId_areTwoTrades_alsoWhenTheInputComesAgain() throws {
        let lines = [Lines.trade(), Lines.trade(), Lines.trade(#","tx":"""#)]
        #expect(try store(lines, "SELECT count(*) FROM trades") == "3")
        #expect(try store(lines, "SELECT count(*) FROM trades") == "3")
        #expect(try store(lines.reversed(), "SELECT count(*) FROM trades") == "3")
    }

    @Test func aTradeId_isOneTrade_whicheverFeedTellsIt() throws {
        let first = Lines.trade(#","trade_id":"t""#)
        let second = Lines.trade(#","trade_id":"t""#, received: 777).replacing("\"pm\"", with: "\"pm-b\"")
        let elsewhere = first.replacing("\"polymarket\"", with: "\"other\"").replacing("\"pm\"", with: "\"k\"")
        #expect(try store([first, second, elsewhere], "SELECT group_concat(feed || venue) FROM v_trades") == "pmpolymarket,kother")
    }

    @Test(arguments: [
        ("-1", "-1"), ("-0.000001", "-0.000001"), ("9223372036854.775807", "9223372036854.775807"),
        ("-9223372036854.775807", "-9223372036854.775807"), ("120.50", "120.5"), ("0", "0"), ("1000000", "1000000"),
    ])
    func viewsShowDecimals_exactly(number: String, shown: String) throws {
        let line = Lines.event("decision", #""rule":"r","action":"alert","id":"d","because":[],"rules":"00","edge":\#(number)"#)
        #expect(try store([line], "SELECT edge FROM v_decisions") == shown)
    }

    @Test func whatIsNotCommitted_isNotThere() throws {
        let target = try SQLiteTarget(path: path)
        try Lines.put([Lines.trade()], to: target)
        let reader = try Database(path: path, busyMillisMax: 100)
        #expect(try reader.integer("SELECT count(*) FROM trades") == 0)
        try target.commit()
        #expect(try reader.integer("SELECT count(*) FROM trades") == 1)
    }

    private static let rule = "CREATE TRIGGER no BEFORE INSERT ON trades WHEN new.price_e6 = 600000 BEGIN SELECT raise(%@, 'no'); END"

    @Test func aRowThatIsRefused_takesItsBatchBack() throws {
        let target = try SQLiteTarget(path: path)
        let other = try Database(path: path, busyMillisMax: 100)
        try other.execute(SQLiteTargetTests.rule.replacing("%@", with: "ABORT"))
        let refusal = #expect(throws: BatchRefusal.self) {
            try Lines.put([Lines.delta(), Lines.trade(), Lines.trade(price: "0.6")], to: target)
        }
        #expect(refusal?.failure.status == .unavailable)
        #expect(refusal?.isOfLastRow == true)
        try target.commit()
        #expect(try other.integer("SELECT (SELECT count(*) FROM trades) + (SELECT count(*) FROM book_deltas)") == 0)
        // The names went with the batch; others have their numbers now.
        try Lines.put([Lines.trade().replacing("\"i1\"", with: "\"i2\"")], to: target)
        try Lines.put([Lines.trade()], to: target)
        try target.commit()
        #expect(try other.text("SELECT group_concat(feed || instrument) FROM v_trades") == "pmi2,pmi1")
        var counters = Counters()
        target.count(in: &counters)
        #expect(counters["rows_trades"] == 2)
        #expect(counters["rows_book_deltas"] == 0)
    }

    @Test func aRowThatIsSetAside_leavesItsBatch() throws {
        let target = try SQLiteTarget(path: path, isSpooled: true)
        let other = try Database(path: path, busyMillisMax: 100)
        try other.execute(SQLiteTargetTests.rule.replacing("%@", with: "ABORT"))
        try Lines.put([Lines.delta(), Lines.trade()], to: target)
        #expect(throws: RowRefusal.self) { try Lines.put([Lines.trade(price: "0.6")], to: target) }
        try Lines.put([Lines.trade(price: "0.7")], to: target)
        try target.commit()
        #expect(try other.text("SELECT group_concat(price_e6) FROM trades") == "500000,700000")
        #expect(try other.integer("SELECT count(*) FROM book_deltas") == 1)
    }

    @Test func aRuleThatEndsTheTransaction_takesTheBatchBack_alsoWhereRowsAreSetAside() throws {
        let target = try SQLiteTarget(path: path, isSpooled: true)
        let other = try Database(path: path, busyMillisMax: 100)
        try other.execute(SQLiteTargetTests.rule.replacing("%@", with: "ROLLBACK"))
        let refusal = #expect(throws: BatchRefusal.self) { try Lines.put([Lines.trade(), Lines.trade(price: "0.6")], to: target) }
        #expect(refusal?.isOfLastRow == true)
        #expect(try other.integer("SELECT count(*) FROM trades") == 0)
    }

    @Test func aNameWithANul_isKeptWhole() throws {
        let line = Lines.trade().replacing("\"i1\"", with: #""a\u0000b""#)
        #expect(try store([line, line], "SELECT hex(text) FROM texts WHERE length(CAST(text AS BLOB)) = 3") == "610062")
    }
}

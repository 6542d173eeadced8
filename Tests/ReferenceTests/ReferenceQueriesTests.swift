import TOML
import Testing
import UnixTool

@testable import Reference

@Suite struct ReferenceQueriesTests {
    private func queries(_ toml: String) throws -> ReferenceQueries {
        let table = try TOMLDocument.parse(toml)["database"]?.table?["queries"]?.table
        return try ReferenceQueries(wanted: [.values, .links], table: table, path: "mkt.toml")
    }

    @Test func statementsOfTheFile_takeThePlaceOfTheDefaults() throws {
        let plan = ReferencePlan(try queries("[database.queries]\nvalues = \"SELECT 1\"\nhistory = \"SELECT 2\""), windows: [5])
        #expect(plan.statements.map(\.query) == [.values, .links])
        #expect(plan.statements[0].sql == "SELECT 1")
        #expect(plan.statements[1].sql == ReferenceQuery.links.defaultSQL(windowMicrosMax: 5))
        #expect(try queries("") == ReferenceQueries(wanted: [.links, .values]))
    }

    @Test func unknownKey_isToldWithTheNearest() throws {
        let failure = try #require(throws: ToolFailure.self) {
            try queries("[database.queries]\nlinks = \"SELECT 1\"\nvalue = \"SELECT 'marker'\"")
        }
        #expect(
            failure
                == ToolFailure(
                    .configuration,
                    "mkt.toml:3: there is no query 'value'; did you mean 'values'? [database.queries] takes history, parameters, values, links"
                ))
    }

    @Test(arguments: ["values = 3", "values = \" \"", "values = [\"SELECT 1\"]"])
    func statementThatIsNone_isRefused(line: String) throws {
        let failure = try #require(throws: ToolFailure.self) { try queries("[database.queries]\n\(line)") }
        #expect(failure.message.contains("mkt.toml:2: values is no statement; give one SELECT"))
    }

    @Test func history_isRunForWindowsOnly_andForTheLongest() {
        let queries = ReferenceQueries(wanted: [.history])
        #expect(ReferencePlan(queries, windows: []).statements.isEmpty)
        let plan = ReferencePlan(queries, windows: [60, 5, 60])
        #expect(plan.windows == [5, 60])
        #expect(plan.statements[0].sql.contains("newest_us - 60\n"))
    }
}

import Postgres
import Testing
import UnixTool

@testable import mkt_sink

@Suite struct TargetAddressTests {
    @Test(
        arguments: [
            ("-", TargetAddress.standardOutput), ("table", .table), ("table:", nil), ("sqlite:a:b.db", .sqlite(path: "a:b.db")),
            ("ndjson:/x/y", .ndjson(directory: "/x/y")),
            ("sqlite:", nil), ("ndjson:", nil), ("", nil), ("mkt.db", nil), ("SQLITE:a", nil), ("postgres://a@b@c/d", nil), ("--", nil),
        ] as [(String, TargetAddress?)])
    func isReadOrRefused(text: String, expected: TargetAddress?) {
        #expect(TargetAddress(text) == expected)
    }

    @Test func postgres_isWhateverLibpqUnderstands() {
        let address = PostgresAddress("postgres://me@h:5433/d")
        #expect(address != nil && TargetAddress("postgres://me@h:5433/d") == address.map(TargetAddress.postgres))
        #expect(TargetAddress("postgresql:///d") != nil)
    }

    private func configuration(_ arguments: [String], _ environment: [String: String] = [:]) throws -> SinkConfiguration {
        let options = try SinkOptions.parse(arguments)
        var settings = Settings(tool: MktSink.name, environment: environment, file: nil)
        return try SinkConfiguration(options, CommonSettings(options.common, &settings), &settings)
    }

    @Test func theDefaultIsADatabaseHere() throws {
        let configuration = try configuration([])
        #expect(configuration.targets == [.sqlite(path: "mkt.db")])
        #expect(configuration.batchLines == 50_000)
        #expect(configuration.batchDelayMicros == 200_000)
    }

    @Test(arguments: [
        (["--to", "sqlite:a", "--to", "sqlite:b"], 50_000), (["--to", "sqlite:a", "--to", "-"], 5000), (["--to", "postgres:///d"], 5000),
        (["--to", "sqlite:a", "--to", "postgres:///d"], 5000), (["--to", "ndjson:d"], 5000), (["--spool", "d"], 5000),
        (["--batch", "7"], 7), (["--batch", "5000"], 5000),
    ])
    func aTransactionIsLong_whereSQLiteIsAlone(arguments: [String], lines: Int) throws {
        #expect(try configuration(arguments).batchLines == Int64(lines))
    }

    @Test func aSpoolOfTheEnvironment_keepsTransactionsShort() throws {
        #expect(try configuration([], ["MKT_SINK_SPOOL": "d"]).batchLines == 5000)
    }

    @Test func flagsMayHoldCommas_theEnvironmentIsSplitAtThem() throws {
        #expect(try configuration(["--to", "sqlite:a,b"]).targets == [.sqlite(path: "a,b")])
        #expect(try configuration([], ["MKT_SINK_TO": "sqlite:a,-"]).targets == [.sqlite(path: "a"), .standardOutput])
    }

    @Test(arguments: [
        (["--to", "nowhere"], UnixTool.ExitStatus.usage), (["--to", "-", "--to", "table"], .usage), (["--color", "red"], .usage),
        (["--to", "-", "--to", "-"], .usage),
        (["--batch", "0"], .usage), (["--batch-delay", "5"], .usage),
        (["--retain", "1d"], .usage), (["--init", "--detach"], .usage), (["--init", "--partition", "week"], .usage),
        (["--to", "postgres://me:secret@h/d"], .usage),
    ])
    func misuseIsToldAsMisuse(arguments: [String], status: UnixTool.ExitStatus) {
        let failure = #expect(throws: ToolFailure.self) { try configuration(arguments) }
        #expect(failure?.status == status)
    }

    @Test func coloursAreChosenAndRefused() throws {
        #expect(try configuration([]).colour == .auto)
        #expect(try !configuration([], ["NO_COLOR": ""]).isColourRefused)
        #expect(try configuration([], ["NO_COLOR": "1"]).isColourRefused)
        #expect(try configuration(["--color", "never"]).colour == .never)
        #expect(try configuration([], ["MKT_SINK_COLOR": "always"]).colour == .always)
    }
}
